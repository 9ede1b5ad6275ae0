"""Load the demo company: the story of ``careloop demo load``, safe to run again.

The moment of the first run is recorded; an interrupted load makes the same plan from it and goes on behind
the last conversation that was told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from careloop.accounts.models import User
from careloop.business_hours.loading import load_shipped_calendars
from careloop.care.services.forecasting import forecast_some, renew_rhythm
from careloop.common.errors import Conflict
from careloop.common.events import record
from careloop.common.models import Event
from careloop.common.transaction import write
from careloop.conversations.models import Conversation
from careloop.customers.models import Identity
from careloop.demo import events
from careloop.demo.content import clients, people
from careloop.demo.plan import Visit, build
from careloop.demo.staging import doors
from careloop.demo.staging.backdating import Backdating
from careloop.demo.staging.cast import Cast, SignIn, known_cast, make_customers, make_people, names_of_customers
from careloop.demo.staging.performing import Performance
from careloop.demo.staging.rota import make_rota
from careloop.demo.staging.training import learn_until
from careloop.knowledge.loading import load_starter_articles
from careloop.sla.loading import load_shipped_targets
from careloop.sla.services.watching import watch
from careloop.triage.services import counting
from careloop.triage.services.trimming import trim

SECTOR = "retail_skincare"
ARTICLES_ARE_OLD = timedelta(days=90)

Progress = Callable[[int, int], None]


def in_silence(done: int, count: int) -> None:
    """Tell nobody how far it is."""


@dataclass(frozen=True)
class Loaded:
    """What a load did. ``sign_ins`` is empty when the people were there already."""

    conversations: int
    is_new: bool
    sign_ins: list[SignIn]


def load(*, now: datetime | None = None, on_progress: Progress = in_silence) -> Loaded:
    """Put the demo company into the database. Records ``demo.began`` and ``demo.loaded``.

    Raises :class:`Conflict` when people with the demo's addresses exist that no load made.
    """
    if is_loaded():
        return Loaded(Conversation.objects.count(), is_new=False, sign_ins=[])
    sign_ins: list[SignIn] = []
    began = began_at()
    if began is None:
        began, sign_ins = _begin(now or timezone.now())
    told = _tell(began, on_progress)
    with write():
        record(events.DEMO_LOADED, subject="demo", data={"conversations": told})
    return Loaded(told, is_new=True, sign_ins=sign_ins)


def is_loaded() -> bool:
    return Event.objects.filter(name=events.DEMO_LOADED).exists()


def began_at() -> datetime | None:
    """The moment of the first load, from which the plan is made."""
    event = Event.objects.filter(name=events.DEMO_BEGAN).order_by("-pk").first()
    return datetime.fromisoformat(event.data["now"]) if event else None


def _begin(now: datetime) -> tuple[datetime, list[SignIn]]:
    """People, goods and rota, with the moment from which the plan is made, in one transaction."""
    _stay_out_of_others_data()
    with Backdating().told():
        load_shipped_calendars()
        load_shipped_targets()
    with write():
        sign_ins = make_people()
        make_customers(build(now).orders, now)
        make_rota(known_cast(), now)
        load_starter_articles(SECTOR, is_published=True, at=now - ARTICLES_ARE_OLD)
        record(events.DEMO_BEGAN, subject="demo", data={"now": now.isoformat()})
    return now, sign_ins


def _stay_out_of_others_data() -> None:
    """A customer of the demo must not become somebody real: their history would be made up.

    Raises :class:`Conflict` with the addresses that are taken.
    """
    if User.objects.filter(email__in=[person.email for person in people().values()]).exists():
        raise Conflict("demo_people_exist", _("People with the demo's addresses exist already; the demo stays out."))
    ours = names_of_customers()
    mine = Identity.objects.filter(kind__in={kind for kind, _value in ours}, value__in={value for _kind, value in ours})
    taken = sorted(value for kind, value in mine.values_list("kind", "value") if (kind, value) in ours)
    if taken:
        raise Conflict(
            "demo_customers_exist",
            _("Customers with the demo's addresses or numbers exist already (%(which)s); the demo stays out. "
              "Load it into an empty database: set CARELOOP_DATA_DIR to a new folder.")
            % {"which": ", ".join(taken[:3]) + (", …" if len(taken) > 3 else "")},
            data={"taken": taken},
        )  # fmt: skip


def _tell(now: datetime, on_progress: Progress) -> int:
    """Every conversation that is not told yet, then the strangers, then a look at the clocks."""
    plan, cast, backdating = build(now), known_cast(), Backdating()
    count = len(plan.conversations) + len(plan.visits)
    for done, planned in enumerate(plan.conversations):
        learn_until(planned.start, now, backdating)
        if not doors.was_told(cast, planned.door, planned.key):
            Performance(planned, cast, backdating).tell()
        on_progress(done + 1, count)
    for place, visit in enumerate(plan.visits):
        _receive_stranger(cast, visit, place, backdating)
    with backdating.told():
        watch()
    learn_until(now, now, backdating)
    _look_back(now)
    _expect(now)
    on_progress(count, count)
    return count


def _look_back(now: datetime) -> None:
    """What the hours would have done: answers counted by week, and only questions worth asking in the queue."""
    for _step in counting.steps(now + counting.YOUNG):
        pass
    trim(now)


def _expect(now: datetime) -> None:
    """What the first night would find: how customers buy here, and what each may be expected to do."""
    renew_rhythm(now)
    last: int | None = 0
    while last is not None:
        last = forecast_some(last, now)


def _receive_stranger(cast: Cast, visit: Visit, place: int, backdating: Backdating) -> None:
    """A stranger quotes the number of a customer's latest conversation; a side thread waits for review."""
    key = f"stranger-{place}:0"
    email = clients()[visit.client].email
    customer = Identity.objects.get(kind="email", value=email).customer
    quoted = customer.conversations.order_by("-created_at")[0].reference
    stranger = visit.stranger
    if doors.was_told(cast, "email", key.removesuffix(":0")):
        return
    with write(), backdating.told(), backdating.step(visit.at):
        message = doors.write_mail(
            cast.inboxes["email"], key=key, name=stranger.name, email=stranger.email, at=visit.at,
            subject=stranger.subject.replace("<reference>", quoted),
            text=stranger.text.replace("<reference>", quoted),
        )  # fmt: skip
        if message is None:
            raise doors.NotAccepted("The road did not take a stranger's mail.")
        backdating.settle(message.conversation_id)
