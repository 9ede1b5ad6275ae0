"""The two tables that ship, learned from public customers: a start for whoever has none of their own to learn from.

`telecom_churn` knows contracts of one (fictional) telephone company, `repurchase` a record shop of 1997. They order
customers of the same trade sensibly; their chances are true for those companies alone until checked on one's own.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from careloop.customers.engine.learned import CustomerModel, load

DATA = Path(__file__).parent / "data"
TELECOM_CHURN = DATA / "telecom_churn.npz"
REPURCHASE = DATA / "repurchase.npz"


@cache
def telecom_churn() -> CustomerModel:
    """Columns as IBM's Telco set names them (tenure, Contract, MonthlyCharges …); each may be missing."""
    return load(TELECOM_CHURN)


@cache
def repurchase() -> CustomerModel:
    """Columns of `repurchase.repurchase_facts`, amounts in dollars of 1997; buying again within 39 weeks."""
    return load(REPURCHASE)
