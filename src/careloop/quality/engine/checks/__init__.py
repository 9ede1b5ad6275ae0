"""Every check, by listing. A new check is one module here, one data file, and one line in CHECKS."""

from careloop.quality.engine.checks.base import Check
from careloop.quality.engine.checks.curt import CurtOrRobotic
from careloop.quality.engine.checks.discomfort import KeepUsingWithDiscomfort
from careloop.quality.engine.checks.lexical import (
    AbsoluteClaims,
    AskingAgain,
    BlameShifting,
    CitingRules,
    NonApology,
    OverPromise,
    RedressTiedToWithdrawal,
)
from careloop.quality.engine.checks.missing import MissingApology, MissingEmpathy
from careloop.quality.engine.checks.order import GoldenRulesOrder

CHECKS: tuple[Check, ...] = (
    BlameShifting(),
    OverPromise(),
    CurtOrRobotic(),
    MissingEmpathy(),
    MissingApology(),
    GoldenRulesOrder(),
    AbsoluteClaims(),
    KeepUsingWithDiscomfort(),
    RedressTiedToWithdrawal(),
    CitingRules(),
    NonApology(),
    AskingAgain(),
)

__all__ = ["CHECKS", "Check", "check_by_id"]


def check_by_id(check_id: str) -> Check:
    """The check with this id. Raises KeyError when there is none."""
    return {check.id: check for check in CHECKS}[check_id]
