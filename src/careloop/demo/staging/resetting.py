"""Take the demo away again, only where nothing but the demo is.

Refused as soon as somebody else's message, person or customer is in the database: then real work may hang on
it, and a person has to decide.
"""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from careloop.accounts.models import Role, Team, User
from careloop.care.models import BuyingRhythm
from careloop.common.errors import Conflict
from careloop.common.models import Event, Job
from careloop.common.remembering import forget
from careloop.common.transaction import write
from careloop.conversations.models import Conversation, Inbox, Message
from careloop.customers.models import Company, Customer, Identity, Product
from careloop.demo.content import clients, company, people, products, strangers
from careloop.demo.staging.cast import external_id
from careloop.demo.staging.doors import PREFIX
from careloop.intake.models import RawMessage
from careloop.search import passages
from careloop.search import services as search
from careloop.triage.models import CountedUpTo, ModelVersion, Origin, TrainingRun, WeekOfAnswers
from careloop.triage.services import model_files
from careloop.triage.services.models_in_use import CHAMPIONS


def reset() -> int:
    """Delete everything the demo made; how many conversations that were.

    Raises :class:`Conflict` (``not_demo_only``) saying what else is there.
    """
    others = others_work()
    if others:
        raise Conflict(
            "not_demo_only",
            _("This database holds more than the demo (%(what)s), so nothing was deleted.")
            % {"what": ", ".join(others)},
        )
    count = Conversation.objects.count()
    for message_id in Message.objects.values_list("pk", flat=True):
        search.remove(message_id)
    for conversation_id in Conversation.objects.values_list("pk", flat=True):
        passages.remove(conversation_id)
    with write():
        _delete()
    return count


def others_work() -> list[str]:
    """What is in the database that no load made: kinds of things with their numbers."""
    ours = [person.email for person in people().values()]
    found = {
        "messages": RawMessage.objects.exclude(external_id__startswith=PREFIX).count(),
        "people": User.objects.exclude(email__in=ours).exclude(role=Role.ADMIN).count(),
        "customers": Customer.objects.exclude(_our_customers()).count(),
    }
    return [f"{count} {kind}" for kind, count in found.items() if count]


def _delete() -> None:
    """Conversations first, since they hold on to the rest."""
    Conversation.objects.all().delete()
    RawMessage.objects.all().delete()
    Customer.objects.all().delete()
    BuyingRhythm.objects.all().delete()
    _forget_what_was_learned()
    Company.objects.filter(name__in=[client.shop for client in clients().values() if client.shop]).delete()
    Product.objects.filter(sku__in=[product.sku for product in products().values()]).delete()
    Inbox.objects.filter(slug__in=[entry["slug"] for entry in company()["inboxes"]]).delete()
    ours = ("demo", "customer", "raw", "rhythm", "training_run", "model_version", "series", "review_queue")
    Event.objects.filter(Q(conversation_id__isnull=False) | Q(subject__in=ours)).delete()
    Job.objects.all().delete()
    User.objects.filter(email__in=[person.email for person in people().values()]).delete()
    Team.objects.filter(slug__in=[entry["slug"] for entry in company()["teams"]]).delete()


def _forget_what_was_learned() -> None:
    """Models that learned of the demo, and the weeks that were counted; what was brought from elsewhere stays."""
    learned = ModelVersion.objects.exclude(origin=Origin.IMPORT)
    for version in learned:
        model_files.forget(version.version)
    TrainingRun.objects.all().delete()
    learned.delete()
    forget(CHAMPIONS)
    WeekOfAnswers.objects.all().delete()
    CountedUpTo.objects.all().delete()


def _our_customers() -> Q:
    known = [external_id(client) for client in clients().values()]
    mails = [stranger.email for stranger in strangers()]
    ours = Identity.objects.filter(Q(kind="external", value__in=known) | Q(kind="email", value__in=mails))
    return Q(pk__in=ours.values("customer_id"))
