"""The people who work at the desk."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from careloop.accounts.models.teams import TeamMember
from careloop.common.db.prepared import prepared


class Role(models.TextChoices):
    AGENT = "agent", _("Agent")
    LEAD = "lead", _("Team lead")
    ADMIN = "admin", _("Administrator")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, role=Role.ADMIN, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who signs in: an agent, a lead or an administrator."""

    id = models.BigAutoField(primary_key=True)
    email = models.EmailField(_("e-mail"), unique=True)
    display_name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=16, choices=Role.choices, default=Role.AGENT)
    language = models.CharField(
        _("screen language"), max_length=10, default="en", choices=[("en", "English"), ("zh-hans", "简体中文")]
    )
    timezone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")
    theme = models.CharField(
        _("theme"),
        max_length=8,
        default="system",
        choices=[("system", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))],
    )
    skills = models.JSONField(_("skills"), default=list, blank=True)
    languages = models.JSONField(_("languages spoken"), default=list, blank=True)
    capacity = models.PositiveSmallIntegerField(_("open conversations at once"), default=12)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open the settings"), default=False)
    date_joined = models.DateTimeField(default=now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.display_name or self.email

    @cached_property
    def team_ids(self) -> frozenset[int]:
        """The teams this person belongs to; read once a request."""
        return frozenset(row.team_id for row in _memberships(self.pk))

    @property
    def sight(self) -> tuple[bool, tuple[int, ...]]:
        """What decides which rows a person may see: all of them, or those of these teams."""
        return (True, ()) if self.is_administrator else (False, tuple(sorted(self.team_ids)))

    @cached_property
    def seen_team_ids(self) -> frozenset[int]:
        """The teams whose work this person may see: an administrator's are all; read once a request."""
        if not self.is_administrator:
            return self.team_ids
        return frozenset(self._meta.apps.get_model("accounts", "Team").objects.values_list("pk", flat=True))

    @property
    def is_lead(self) -> bool:
        return self.role in (Role.LEAD, Role.ADMIN)

    @property
    def is_administrator(self) -> bool:
        return self.role == Role.ADMIN

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name


@prepared
def _memberships(user: int) -> models.QuerySet[TeamMember]:
    return TeamMember.objects.filter(user=user)
