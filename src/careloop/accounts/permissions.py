"""What people may do, in one list, each with its sentence; a refusal carries its reason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from careloop.accounts.models import Role
from careloop.common.errors import NotAllowed

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from careloop.accounts.models import User


class Permission(Enum):
    """``noun:verb``, in order; the value is stable, the label is for people."""

    AUDIT_READ = "audit:read"
    CONVERSATION_ASSIGN = "conversation:assign"
    CONVERSATION_READ = "conversation:read"
    CONVERSATION_REPLY = "conversation:reply"
    CONVERSATION_RESOLVE = "conversation:resolve"
    KNOWLEDGE_PUBLISH = "knowledge:publish"
    KNOWLEDGE_READ = "knowledge:read"
    KNOWLEDGE_WRITE = "knowledge:write"
    MODEL_PROMOTE = "model:promote"
    MODEL_READ = "model:read"
    PRIORITY_EDIT = "priority:edit"
    REPLY_OVERRIDE = "reply:override"
    REPORT_PUBLISH = "report:publish"
    REPORT_READ = "report:read"
    SETTINGS_EDIT = "settings:edit"
    TAXONOMY_EDIT = "taxonomy:edit"
    TRIAGE_CORRECT = "triage:correct"


LABELS = {
    Permission.AUDIT_READ: _("See who opened sensitive conversations"),
    Permission.CONVERSATION_ASSIGN: _("Give conversations to people and teams"),
    Permission.CONVERSATION_READ: _("Read the conversations of their teams"),
    Permission.CONVERSATION_REPLY: _("Answer customers"),
    Permission.CONVERSATION_RESOLVE: _("Resolve and reopen conversations"),
    Permission.KNOWLEDGE_PUBLISH: _("Publish and retire articles"),
    Permission.KNOWLEDGE_READ: _("Read articles"),
    Permission.KNOWLEDGE_WRITE: _("Write articles"),
    Permission.MODEL_PROMOTE: _("Train models and decide which of them answers"),
    Permission.MODEL_READ: _("See how well triage understands"),
    Permission.PRIORITY_EDIT: _("Change how priority is scored"),
    Permission.REPLY_OVERRIDE: _("Send a reply that a check stopped, with a reason"),
    Permission.REPORT_PUBLISH: _("Edit and publish the weekly report"),
    Permission.REPORT_READ: _("Read reports"),
    Permission.SETTINGS_EDIT: _("Change settings"),
    Permission.TAXONOMY_EDIT: _("Change the labels of what messages are about"),
    Permission.TRIAGE_CORRECT: _("Correct what triage understood"),
}

_AGENT = frozenset(
    {
        Permission.CONVERSATION_ASSIGN,
        Permission.CONVERSATION_READ,
        Permission.CONVERSATION_REPLY,
        Permission.CONVERSATION_RESOLVE,
        Permission.KNOWLEDGE_READ,
        Permission.KNOWLEDGE_WRITE,
        Permission.REPLY_OVERRIDE,
        Permission.REPORT_READ,
        Permission.TRIAGE_CORRECT,
    }
)
_LEAD = _AGENT | {
    Permission.AUDIT_READ,
    Permission.KNOWLEDGE_PUBLISH,
    Permission.MODEL_READ,
    Permission.TAXONOMY_EDIT,
    Permission.PRIORITY_EDIT,
    Permission.REPORT_PUBLISH,
}

GRANTED: dict[str, frozenset[Permission]] = {
    Role.AGENT: _AGENT,
    Role.LEAD: _LEAD,
    Role.ADMIN: frozenset(Permission),
}


@dataclass(frozen=True)
class Allowed:
    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True)
class Denied:
    reason: object

    def __bool__(self) -> bool:
        return False


def can(user: User | AnonymousUser, permission: Permission) -> Allowed | Denied:
    """Whether the person's role grants it. Which rows they see is ``visible_to``, not this."""
    if not user.is_authenticated or not user.is_active:
        return Denied(_("Please sign in first."))
    if permission in GRANTED.get(user.role, frozenset()):
        return Allowed()
    return Denied(_("Your role does not include: %(what)s.") % {"what": LABELS[permission]})


def require(user: User | AnonymousUser, permission: Permission) -> None:
    """Raise :class:`NotAllowed` with the reason unless ``can`` says yes."""
    answer = can(user, permission)
    if isinstance(answer, Denied):
        raise NotAllowed("not_allowed", answer.reason, data={"permission": permission.value})
