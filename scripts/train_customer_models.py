"""Learn the packaged tables of customers anew: `.venv/bin/python scripts/train_customer_models.py FOLDER [NAME]`.

FOLDER holds `telco_churn/data_train.csv.gz` (IBM's sample company, Apache-2.0) and `cdnow/transactions_train.csv.gz`
(Fader and Hardie's CDNOW as the MIT-licensed `lifetimes` ships it). Only arrays go into the package, no row.
"""

from __future__ import annotations

import csv
import gzip
import sys
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.customers import CUT, FORECAST, purchases

from careloop.customers.engine.learned import CustomerModel, save
from careloop.customers.engine.learning import learn
from careloop.customers.engine.packaged import REPURCHASE, TELECOM_CHURN
from careloop.customers.engine.repurchase import repurchase_facts


def telecom_churn(folder: Path) -> CustomerModel:
    """Who cancels their contract with a telephone company within the month."""
    rows = _rows(folder / "telco_churn" / "data_train.csv.gz")
    names = [name for name in rows[0] if name not in ("customerID", "Churn")]
    return learn(rows, [row["Churn"] == "Yes" for row in rows], names)


def repurchase(folder: Path) -> CustomerModel:
    """Who, of people who bought music within nine months, buys again within 39 weeks."""
    bought = purchases(_rows(folder / "cdnow" / "transactions_train.csv.gz"))
    facts = [facts for one in bought if (facts := repurchase_facts(one, CUT))]
    return learn(facts, [any(_is_later(day) for day, _, _ in one) for one in bought])


def _is_later(day: date) -> bool:
    return timedelta(0) < day - CUT <= FORECAST


def _rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def main() -> None:
    """Learn both, or the one that is named; write into the package, print what was measured on rows held out."""
    folder, named = Path(sys.argv[1]), sys.argv[2:]
    for file, learned in ((TELECOM_CHURN, telecom_churn), (REPURCHASE, repurchase)):
        if named and file.stem not in named:
            continue
        model = learned(folder)
        file.parent.mkdir(exist_ok=True)
        save(model, file)
        print(f"{file.name}: {file.stat().st_size:,} bytes, {model.about}")


if __name__ == "__main__":
    main()
