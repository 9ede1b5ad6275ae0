"""The checks that are a lexicon and nothing else."""

from careloop.quality.engine.checks.base import LearnedCheck, LexiconCheck, _


class BlameShifting(LearnedCheck):
    id = "blame_shifting"
    name = _("Shifts the blame")
    description = _("Sends the customer to somebody else or says it is their own fault. Own the handling first.")
    lexicon = "blame_shifting"


class OverPromise(LearnedCheck):
    id = "over_promise"
    name = _("Promises too much")
    description = _("Says more than anybody can keep. Promise what is in our hands, with a time.")
    lexicon = "over_promise"


class AbsoluteClaims(LexiconCheck):
    id = "absolute_claims"
    name = _("Claims a cure or an official title")
    description = _("Treatment of disease, official endorsement and the like may not be claimed for our products.")
    lexicon = "absolute_claims"
    yields_to = ("over_promise",)


class RedressTiedToWithdrawal(LexiconCheck):
    id = "redress_tied_to_withdrawal"
    name = _("Ties redress to silence")
    description = _("A refund or compensation must never depend on withdrawing a complaint or deleting a review.")
    lexicon = "redress_tied"


class CitingRules(LexiconCheck):
    id = "citing_rules"
    name = _("Hides behind rules")
    description = _("Say what you can do first. Statutory final letters may quote rules.")
    lexicon = "citing_rules"
    yields_to = ("blame_shifting",)


class NonApology(LexiconCheck):
    id = "non_apology"
    name = _("Apologises without meaning it")
    description = _("“Sorry if” and “sorry, but” say that the customer is the problem.")
    lexicon = "non_apology"


class AskingAgain(LexiconCheck):
    id = "asking_again"
    name = _("Asks again for what we have")
    description = _("Look on file before asking a customer to repeat something.")
    lexicon = "asking_again"
