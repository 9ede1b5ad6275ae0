"""What people are asked about, and what they said: the review queue."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from careloop.accounts.models import User

OPEN = Q(is_open=True)
CLAIMED = Q(is_open=True, claimed_by__isnull=False)


class ReviewItemQuerySet(models.QuerySet["ReviewItem"]):
    def visible_to(self, user: User) -> ReviewItemQuerySet:
        """Those of conversations this person may see; the team is the conversation's and follows it."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        is_administrator, teams = user.sight
        return self if is_administrator else self.filter(Q(team_id__in=teams) | Q(team_id=None))

    def open(self) -> ReviewItemQuerySet:
        return self.filter(is_open=True)

    def held_by(self, user: User, at: datetime) -> ReviewItemQuerySet:
        """What this person is looking at, for as long as the claim holds."""
        return self.filter(CLAIMED, claimed_by=user, claimed_until__gt=at)

    def free(self, at: datetime) -> ReviewItemQuerySet:
        """Nobody looks at it, or somebody did and went away."""
        return self.filter(Q(claimed_by=None) | Q(claimed_until__lte=at))


class ReviewItem(models.Model):
    """One conversation with at least one prediction that a person should look at.

    ``asked`` names the heads in the order of asking, each with ``why`` (a value of :class:`Why`), the ``prediction``
    in doubt, and ``other``: what the other of rules and model says. The row is kept when predictions are, so that
    nothing looks for doubtful predictions among all others.
    """

    class Why(models.TextChoices):
        UNSURE = "unsure", _("not sure")
        DISAGREE = "disagree", _("rules and model disagree")
        TELLING = "telling", _("the answer teaches much")
        SPLIT = "split", _("the label was split")

    id = models.BigAutoField(primary_key=True)
    conversation = models.OneToOneField(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="review_item"
    )
    team = models.ForeignKey("accounts.Team", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    asked: models.JSONField[dict[str, Any]] = models.JSONField(default=dict)
    worth = models.SmallIntegerField()
    is_open = models.BooleanField(default=True)
    # Two short digests of the words; near-equal texts share one of them (triage.likeness).
    likeness_a = models.BigIntegerField()
    likeness_b = models.BigIntegerField()
    at = models.DateTimeField()
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    claimed_until = models.DateTimeField(null=True)
    skips = models.PositiveSmallIntegerField(default=0)

    objects: ClassVar[ReviewItemQuerySet] = ReviewItemQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        indexes = (
            # The queue of each team, worthiest first; the column of the condition stands at the end again, so that
            # counting reads the index alone.
            models.Index(fields=("team", "-worth", "-id", "is_open"), name="review_queue", condition=OPEN),
            models.Index(fields=("claimed_by",), name="review_claimed", condition=CLAIMED),
            models.Index(fields=("likeness_a",), name="review_like_a", condition=OPEN),
            models.Index(fields=("likeness_b",), name="review_like_b", condition=OPEN),
        )

    def __str__(self) -> str:
        return f"{self.conversation_id}: {', '.join(self.asked)}"


class ReviewAnswer(models.Model):
    """What somebody said when asked: it is right, it is something else, or I leave it."""

    class Kind(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed")
        CORRECTED = "corrected", _("corrected")
        SKIPPED = "skipped", _("skipped")

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey(ReviewItem, on_delete=models.CASCADE, related_name="answers")
    head = models.CharField(max_length=24, blank=True)
    question: models.JSONField[dict[str, Any]] = models.JSONField(default=dict)  # what ``asked`` held for the head
    earlier = models.ForeignKey("triage.Prediction", null=True, on_delete=models.SET_NULL, related_name="+")
    kept = models.ForeignKey("triage.Prediction", null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("answer in a review")
        verbose_name_plural = _("answers in reviews")
        indexes = (
            models.Index(
                fields=("by", "-at", "-id", "kind", "withdrawn_at"), name="review_answers_of",
                condition=Q(withdrawn_at=None),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.head}: {self.kind}"
