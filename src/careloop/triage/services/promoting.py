"""Decide which version answers: promote, roll back, refuse. Each decision is a row with who, when and why."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careloop.accounts.permissions import Permission, require
from careloop.common.errors import Conflict
from careloop.common.events import record
from careloop.common.remembering import forget
from careloop.common.transaction import write, writes
from careloop.triage import events
from careloop.triage.models import ModelStanding, ModelVersion
from careloop.triage.services import model_files
from careloop.triage.services.models_in_use import CHAMPIONS

if TYPE_CHECKING:
    from careloop.accounts.models import User

State = ModelStanding.State
BETTER, BY_HAND, REPLACED, ROLLED_BACK, SUPERSEDED, NEW = (
    "better", "by_hand", "replaced", "rolled_back", "superseded", "new",
)  # fmt: skip


def promote(version: ModelVersion, *, by: User | None, why: str = BY_HAND) -> ModelStanding:
    """From now on this version answers for its head; the champion before it retires.

    Records ``triage.model_promoted``. ``by`` is nobody for the nightly training and for whoever operates the machine.
    Raises NotAllowed, Conflict when it answers already, UnreadableModel when its file does not carry our signature,
    OtherModelVersion when it was written in another format.
    """
    if by is not None:
        require(by, Permission.MODEL_PROMOTE)
    model_files.usable(version.version)
    with write():
        _hold(version.head)
        before = champion_standing(version.head)
        if before is not None and before.version_id == version.pk:
            raise Conflict("already_champion", _("This version answers already."))
        if before is not None:
            _stand(before.version, State.RETIRED, by, REPLACED)
        standing = _stand(version, State.CHAMPION, by, why, replaced=before.version if before else None)
        _record(events.MODEL_PROMOTED, version, by, before=before.version.version if before else "", why=why)
    forget(CHAMPIONS)
    return standing


def roll_back(head: str, *, by: User | None) -> ModelStanding | None:
    """The version that the champion took the place of answers again; None when the rules alone do.

    Records ``triage.model_rolled_back``. Raises NotAllowed, Conflict when no model answers for the head,
    UnreadableModel or OtherModelVersion when the file of the version before cannot be used.
    """
    if by is not None:
        require(by, Permission.MODEL_PROMOTE)
    current = champion_standing(head)
    if current is None:
        raise Conflict("no_champion", _("No learned model answers for this head, so there is nothing to roll back."))
    if current.replaced is not None:
        model_files.usable(current.replaced.version)
    with write():
        _hold(head)
        held = champion_standing(head)
        if held is None or held.pk != current.pk:
            raise Conflict("champion_changed", _("Somebody has just changed which model answers; please look again."))
        _stand(current.version, State.RETIRED, by, ROLLED_BACK)
        standing = _again(current.replaced, by) if current.replaced else None
        back_to = current.replaced.version if current.replaced else ""
        _record(events.MODEL_ROLLED_BACK, current.version, by, to=back_to)
    forget(CHAMPIONS)
    return standing


@writes
def stand_as_challenger(version: ModelVersion, *, by: User | None) -> ModelStanding:
    """A new version waits for its chance; the challenger that waited before it is refused."""
    for earlier in ModelVersion.objects.challengers().filter(head=version.head).exclude(pk=version.pk):
        refuse(earlier, by=by, why=SUPERSEDED)
    return _stand(version, State.CHALLENGER, by, NEW)


@writes
def refuse(version: ModelVersion, *, by: User | None, why: str) -> ModelStanding:
    """It does not answer, and is not asked about any more; a person may still promote it. Records it."""
    if by is not None:
        require(by, Permission.MODEL_PROMOTE)
    _record(events.MODEL_REFUSED, version, by, why=why)
    return _stand(version, State.REFUSED, by, why)


def champion_standing(head: str) -> ModelStanding | None:
    """The open standing of the champion, if a learned model answers for the head."""
    rows = ModelStanding.objects.filter(head=head, state=State.CHAMPION, until=None)
    return rows.select_related("version", "replaced").first()


def _hold(head: str) -> None:
    """Two people who decide about one head at once do it one after the other (SQLite has one writer anyway)."""
    list(ModelVersion.objects.select_for_update().filter(head=head).order_by("pk").values_list("pk"))


def _again(version: ModelVersion, by: User | None) -> ModelStanding:
    """A champion that comes back stands where it stood: what it had replaced is behind it again."""
    earlier = version.standings.filter(state=State.CHAMPION).order_by("-pk").select_related("replaced").first()
    return _stand(version, State.CHAMPION, by, ROLLED_BACK, replaced=earlier.replaced if earlier else None)


def _stand(
    version: ModelVersion, state: str, by: User | None, why: str, replaced: ModelVersion | None = None
) -> ModelStanding:
    at: datetime = timezone.now()
    version.standings.filter(until=None).update(until=at)
    return ModelStanding.objects.create(
        version=version, head=version.head, state=state, at=at, by=by, why=why, replaced=replaced
    )


def _record(name: str, version: ModelVersion, by: User | None, **data: str) -> None:
    about = {"head": version.head, "version": version.version}
    record(name, by=by, subject="model_version", subject_id=version.pk, data=about | data)
