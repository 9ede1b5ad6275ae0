"""Fitting the value models in a process of its own, so that nobody's request waits beside the arithmetic.

`fitted_apart` starts `python -m careloop.customers.engine.fitting_apart`, hands it the histories as plain numbers and
reads the parameters. That process sees neither the database nor a secret.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass

import numpy as np

from careloop.customers.engine import bgnbd, gamma_gamma
from careloop.customers.engine.bgnbd import BgNbd
from careloop.customers.engine.errors import CustomerModelError, TooFewCustomers
from careloop.customers.engine.gamma_gamma import GammaGamma
from careloop.customers.engine.histories import Histories

COLUMNS = 4
SECONDS_AT_MOST = 600
POLITENESS = 10  # steps of `nice` below the desk
# Where Python is and what it may import.
PASSED_ON = ("PATH", "PYTHONPATH", "HOME", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class Fitted:
    """What could be fitted: a model is None when too few customers can teach it."""

    counts: BgNbd | None
    spend: GammaGamma | None
    spenders: int
    correlation: float  # of how often and how much


def fitted(customers: Histories) -> Fitted:
    """Both value models of these customers; the spend of those whose `mean_spend` is above nought."""
    known = gamma_gamma.spenders(customers)
    try:
        counts = bgnbd.fit(customers)
    except TooFewCustomers:
        counts = None
    try:
        spend = gamma_gamma.fit(customers)
    except TooFewCustomers:
        spend = None
    return Fitted(counts, spend, len(known), gamma_gamma.independence(customers))


def fitted_apart(customers: Histories) -> Fitted:
    """The same, computed in a child process. Raises CustomerModelError when that process fails or takes too long."""
    columns = np.stack([customers.repeats, customers.last_at, customers.age, customers.mean_spend])
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ} | {"OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            [sys.executable, "-m", __name__], input=columns.astype("<f8").tobytes(), capture_output=True,
            timeout=SECONDS_AT_MOST, check=True, env=environment,
        )  # fmt: skip
    except subprocess.SubprocessError as error:
        raise CustomerModelError(f"The process that fits how customers buy failed: {error}.") from error
    said = json.loads(done.stdout)
    counts, spend = said.pop("counts"), said.pop("spend")
    return Fitted(BgNbd(**counts) if counts else None, GammaGamma(**spend) if spend else None, **said)


def main() -> None:
    """Histories in as raw numbers, column after column; parameters out as JSON."""
    os.nice(POLITENESS)
    columns = np.frombuffer(sys.stdin.buffer.read(), dtype="<f8").reshape(COLUMNS, -1)
    sys.stdout.write(json.dumps(asdict(fitted(Histories(*columns).checked()))))


if __name__ == "__main__":
    main()
