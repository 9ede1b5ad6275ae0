"""A job that is about to start waits for a quiet moment, but not for ever."""

from __future__ import annotations

import threading
import time

from careloop.common import courtesy as rules
from careloop.common.courtesy import Courtesy, counting_answers, courtesy


def waited(way: Courtesy, overdue_seconds: float = 0.0) -> float:
    start = time.monotonic()
    way.make_way(overdue_seconds)
    return time.monotonic() - start


def test_nobody_waits_when_nobody_is_answered() -> None:
    assert waited(Courtesy()) < rules.LONGEST_SECONDS / 2


def test_a_job_starts_once_the_answer_is_out() -> None:
    way, began, order = Courtesy(), threading.Event(), []

    def answer() -> None:
        with way.answering():
            began.set()
            time.sleep(0.03)
            order.append("answer")

    thread = threading.Thread(target=answer)
    thread.start()
    began.wait(5)
    way.make_way(0)
    order.append("job")
    thread.join()
    assert order == ["answer", "job"]


def test_an_answer_that_takes_long_does_not_stop_the_work() -> None:
    way = Courtesy()
    with way.answering():
        assert rules.LONGEST_SECONDS <= waited(way) < 5


def test_work_that_is_long_due_waits_but_little() -> None:
    way = Courtesy()
    with way.answering():
        assert waited(way, rules.OVERDUE_SECONDS + 1) < waited(way)


def test_an_answer_that_fails_is_over_all_the_same() -> None:
    def broken(_environ: object, _start: object) -> None:
        assert not courtesy.is_quiet()
        raise ValueError

    try:
        counting_answers(broken)({}, None)
    except ValueError:
        time.sleep(2 * rules.QUIET_SECONDS)
    assert courtesy.is_quiet()
