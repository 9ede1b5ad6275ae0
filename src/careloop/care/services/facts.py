"""What forecasts of customers are made from: the days they ordered on, and their latest complaint."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from careloop.conversations.models import Conversation, Kind, Resolution
from careloop.customers.engine.churn import GRAVITY
from careloop.customers.models import Order
from careloop.customers.services import spending
from careloop.customers.services.spending import NOT_BOUGHT, Standing
from careloop.surveys.models import SurveyAnswer
from careloop.triage.engine.heads import SEVERITY
from careloop.triage.models import Prediction

COMPLAINTS_COUNT_FOR = timedelta(days=365)
USUAL_SEVERITY: Final = "moderate"
BEST_SCORE = 5
SECONDS_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class ComplaintFacts:
    """The latest complaint of twelve months. `days` until it was resolved, or until now; satisfaction 0 to 1."""

    days: float
    satisfaction: float | None
    severity: str
    is_severity_known: bool
    is_resolved: bool
    complaints: int


@dataclass(frozen=True, slots=True)
class Purchases:
    """Day (UTC) and total of each order that was kept. `currency` is theirs, or empty when they differ."""

    bought: list[tuple[date, float]]
    currency: str = ""


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """Of one customer. `fingerprint` is the same as long as nothing new happened."""

    purchases: Purchases = field(default_factory=lambda: Purchases([]))
    complaint: ComplaintFacts | None = None
    standing: Standing | None = None

    @property
    def bought(self) -> list[tuple[date, float]]:
        return self.purchases.bought

    @property
    def order_days(self) -> int:
        return len({day for day, _ in self.bought})

    @property
    def fingerprint(self) -> str:
        said = {
            "days": sorted({day.isoformat() for day, _ in self.bought}),
            "complaint": asdict(self.complaint) if self.complaint else None,
            "spent": [round(sum(amount for _, amount in self.bought), 2), self.purchases.currency],
            "fifths": [self.standing.recency, self.standing.frequency, self.standing.money] if self.standing else None,
        }
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def purchases_of(customer_ids: Collection[int]) -> dict[int, Purchases]:
    """Of those who have an order that was kept; one query."""
    found: dict[int, list[tuple[date, float]]] = defaultdict(list)
    currencies: dict[int, set[str]] = defaultdict(set)
    rows = Order.objects.filter(customer_id__in=customer_ids).exclude(status__in=NOT_BOUGHT)
    for customer, placed_at, total, currency in rows.values_list("customer_id", "placed_at", "total", "currency"):
        found[customer].append((placed_at.date(), float(total)))
        currencies[customer].add(currency)
    return {
        customer: Purchases(bought, "".join(currencies[customer]) if len(currencies[customer]) == 1 else "")
        for customer, bought in found.items()
    }


def facts_of(customer_ids: Collection[int], now: datetime) -> dict[int, CustomerFacts]:
    """Of those who ordered or complained; seven queries however many they are."""
    bought = purchases_of(customer_ids)
    complaints = _complaints_of(customer_ids, now)
    standings = spending.standings(spending.years_of(customer_ids, now), now, spending.scales())
    return {
        customer: CustomerFacts(bought.get(customer, Purchases([])), complaints.get(customer), standings.get(customer))
        for customer in sorted({*bought, *complaints})
    }


def _complaints_of(customer_ids: Collection[int], now: datetime) -> dict[int, ComplaintFacts]:
    rows = Conversation.objects.filter(
        customer_id__in=customer_ids, kind=Kind.COMPLAINT, merged_into=None, created_at__gte=now - COMPLAINTS_COUNT_FOR
    )
    latest: dict[int, Conversation] = {}
    counts: dict[int, int] = defaultdict(int)
    for row in rows.only("customer_id", "created_at", "resolved_at").order_by("created_at", "id"):
        latest[row.customer_id] = row
        counts[row.customer_id] += 1
    ids = [row.pk for row in latest.values()]
    satisfaction, severity = _satisfaction(ids), _severities(ids)
    return {
        customer: ComplaintFacts(
            days=_days(row, now),
            satisfaction=satisfaction.get(row.pk),
            severity=severity.get(row.pk, USUAL_SEVERITY),
            is_severity_known=row.pk in severity,
            is_resolved=row.resolved_at is not None,
            complaints=counts[customer],
        )
        for customer, row in latest.items()
    }


def _days(row: Conversation, now: datetime) -> float:
    """To a tenth while it is resolved, whole days while it waits, so that nothing is computed anew within a day."""
    if row.resolved_at is None:
        return float(max((now - row.created_at).days, 0))
    return round(max((row.resolved_at - row.created_at).total_seconds(), 0) / SECONDS_A_DAY, 1)


def _satisfaction(conversation_ids: Collection[int]) -> dict[int, float]:
    """What the customer answered overall, else what was noted on resolving; 0 to 1."""
    noted = Resolution.objects.filter(conversation_id__in=conversation_ids, reopened_at=None).exclude(satisfied=None)
    told = {row: float(bool(said)) for row, said in noted.values_list("conversation_id", "satisfied")}
    answers = SurveyAnswer.objects.filter(survey__conversation_id__in=conversation_ids).order_by("at")
    scored = answers.values_list("survey__conversation_id", "c3_overall")
    return told | {row: (score - 1) / (BEST_SCORE - 1) for row, score in scored}


def _severities(conversation_ids: Collection[int]) -> dict[int, str]:
    rows = Prediction.objects.current().filter(conversation_id__in=conversation_ids, head=SEVERITY, label__in=GRAVITY)
    return dict(rows.values_list("conversation_id", "label"))
