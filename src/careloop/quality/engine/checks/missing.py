"""What a reply to a complaint must not leave out: the feeling, and an apology."""

from typing import ClassVar

from careloop.quality.engine.acts import first_act
from careloop.quality.engine.checks.base import Check, _
from careloop.quality.engine.expressions import read_data
from careloop.quality.engine.finding import Finding, Level
from careloop.quality.engine.opening import after_greeting
from careloop.quality.engine.reply import Reply


class MissingAct(Check):
    """Speaks in a complaint when an act is nowhere in the reply; points at where it belongs."""

    act: ClassVar[str]

    def findings(self, reply: Reply) -> list[Finding]:
        if not reply.is_complaint or first_act(self.act, reply):
            return []
        place = after_greeting(reply)
        advice = read_data("missing")[self.id]
        return [Finding(self.id, Level(advice["level"]), place, place, advice[reply.language])]


class MissingEmpathy(MissingAct):
    id = "missing_empathy"
    name = _("Does not name the feeling")
    description = _("In a complaint, say first what this is like for the customer, once and in plain words.")
    act = "empathy"


class MissingApology(MissingAct):
    id = "missing_apology"
    name = _("Does not apologise")
    description = _("In a complaint, say sorry for what happened before any explanation.")
    act = "apology"
