"""The seed's golden rules as an order of sentences (seed B 3.1, mission 95; domain.md §4.1: position matters).

    1  the feeling before any process or remedy
    2  the apology before any explanation or remedy
    3  the fix before prevention
    4  ownership before looking for the cause

A rule is broken by what stands in the wrong place, not by what is absent: the missing-checks look after that. Two
absences have no check of their own and count here: prevention without any fix, and a cause to be found before
anybody does anything. Feeling and apology may change places, the seed's own good examples do.
"""

from collections.abc import Iterator
from typing import Any

from careloop.quality.engine.acts import find_acts, first_act, statements
from careloop.quality.engine.checks.base import Check, _
from careloop.quality.engine.expressions import read_data
from careloop.quality.engine.finding import Finding, Level
from careloop.quality.engine.opening import after_greeting
from careloop.quality.engine.reply import Reply
from careloop.quality.engine.sentences import Span

_BUSINESS = ("explanation", "action", "process", "prevention", "gate")


class GoldenRulesOrder(Check):
    id = "golden_rules_order"
    name = _("Says it in the wrong order")
    description = _("Feeling, apology, fix, ownership, something extra: in this order.")

    def findings(self, reply: Reply) -> list[Finding]:
        """At most one finding: the first rule broken."""
        return [self._finding(rule, span, reply) for rule, span in _broken(reply)][:1]

    def _finding(self, rule: str, span: Span, reply: Reply) -> Finding:
        advice: dict[str, Any] = read_data("order")
        place = _place(rule, span, reply)
        return Finding(self.id, Level(advice["level"]), place.start, place.end, advice[rule][reply.language])


def _place(rule: str, span: Span, reply: Reply) -> Span:
    """Where the better sentence belongs: at the front, before the prevention, or instead of the waiting."""
    sentence = reply.sentence_around(span.start)
    if rule == "ownership":
        return sentence
    front = sentence.start if rule == "fix" else after_greeting(reply)
    return Span(front, front)


def _broken(reply: Reply) -> Iterator[tuple[str, Span]]:
    if not _is_about_trouble(reply):
        return
    late = {act: span for act in ("apology", "empathy") if (span := _late(act, reply))}
    if len(late) == 2:
        yield "both", late["apology"]
    elif "apology" in late:
        yield "apology", late["apology"]
    elif "empathy" in late and (reply.is_complaint or first_act("apology", reply)):
        yield "feeling", late["empathy"]
    yield from _prevention_before_fix(reply)
    yield from _cause_before_ownership(reply)


def _late(act: str, reply: Reply) -> Span | None:
    """The first place of this act when it stands behind business."""
    business, first = _first_business(reply), first_act(act, reply)
    return first if business and first and _stands_before(business, first, reply) else None


def _is_about_trouble(reply: Reply) -> bool:
    """In advice before buying nothing needs an order; once something went wrong it does."""
    return reply.is_complaint or bool(first_act("apology", reply) or first_act("empathy", reply))


def _first_business(reply: Reply) -> Span | None:
    """Where the reply first turns to explaining, acting or asking; what states our side at length counts as well."""
    found = [span for act in _BUSINESS for span in find_acts(act, reply)]
    return min([*found, *statements(reply)], default=None)


def _stands_before(first: Span, second: Span, reply: Reply) -> bool:
    """Whether the clause of the first ends before the second begins: within one clause there is no order."""
    return reply.clause_around(first.start).end <= second.start


def _prevention_before_fix(reply: Reply) -> Iterator[tuple[str, Span]]:
    prevention = first_act("prevention", reply)
    if prevention is None:
        return
    clause = reply.clause_around(prevention.start)
    if not any(fix.start < clause.start for fix in find_acts("action", reply)):
        yield "fix", prevention


def _cause_before_ownership(reply: Reply) -> Iterator[tuple[str, Span]]:
    gate = first_act("gate", reply)
    if gate is None:
        return
    clause = reply.clause_around(gate.start)
    owned = find_acts("ownership", reply) + find_acts("action", reply)
    if not any(span.start < clause.start for span in owned):
        yield "ownership", gate
