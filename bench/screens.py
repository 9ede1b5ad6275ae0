"""Screens: list, conversation, search and reply at one and at four clients, and whether they stay flat."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count as counting
from typing import Any

from bench import desks
from bench.clients import Client, Work, one_after_the_other, together
from bench.figures import milliseconds, ratio, table
from bench.rawinserts import connect
from bench.rows import REFUND, messages
from careloop.cli.tests.desk import Desk, eventually

SMALL = 5_000
ROUNDS = 4
AT_ONE = 25
AT_FOUR = 40
CLIENTS = 4
DUE_JOBS = (
    "SELECT count(*) FROM common_job WHERE state = 'running'"
    " OR (state = 'ready' AND run_after <= strftime('%Y-%m-%d %H:%M:%f', 'now'))"
)
ANSWER = "您好，非常抱歉让您久等了。我理解您的着急，已经为您查询，今天之内给您答复。"


@dataclass
class Subject:
    """Somebody who is measured: how to sign in, and what each operation is."""

    name: str
    sign_in: Callable[[], Client]
    operations: dict[str, Work]
    before: dict[str, Work] = field(default_factory=dict)
    """What a person has on the screen when the operation begins; done for each turn, and not measured."""
    clients: list[Client] = field(default_factory=list)
    numbers: Any = field(default_factory=counting)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    rates: dict[str, list[float]] = field(default_factory=dict)
    rest: Callable[[], object] = field(default=lambda: None)

    def prepare(self) -> None:
        """Sign everybody in and call each operation once or twice, so that nothing is measured cold."""
        self.clients = [self.sign_in() for _ in range(CLIENTS)]
        for name, work in self.operations.items():
            for client in self.clients:
                one_after_the_other(work, client, self._begun(name, [client], 2))

    def next(self, count: int) -> Sequence[int]:
        return [next(self.numbers) for _ in range(count)]

    def take_turn(self, name: str) -> None:
        work = self.operations[name]
        taken = one_after_the_other(work, self.clients[0], self._begun(name, self.clients[:1], AT_ONE))
        self.seconds.setdefault(name, []).extend(taken)
        self.rest()
        whole = together(work, self.clients, self._begun(name, self.clients, AT_FOUR))
        self.rest()
        self.rates.setdefault(name, []).append(AT_FOUR / whole)

    def _begun(self, name: str, clients: Sequence[Client], count: int) -> Sequence[int]:
        """The next turns, with everything as it is when the operation begins."""
        turns = self.next(count)
        if before := self.before.get(name):
            together(before, clients, turns)
            self.rest()
        return turns

    def found(self) -> dict[str, Any]:
        return {
            name: {**milliseconds(seconds), "req_per_s_at_4": round(sorted(self.rates[name])[ROUNDS // 2], 1)}
            for name, seconds in self.seconds.items()
        }


def measure(count: int, *, with_peer: bool = False) -> dict[str, Any]:
    """Both sizes of Careloop, and the peer if asked for, taking turns round by round."""
    with ExitStack() as stack:
        sizes = sorted({count, min(SMALL, max(1, count // 4))}, reverse=True)
        subjects = [_careloop(stack, size) for size in sizes]
        if with_peer:
            from bench.peer import helpdesk

            subjects.append(stack.enter_context(helpdesk(count)))
        take_turns(subjects)
        return {subject.name: subject.found() for subject in subjects}


def take_turns(subjects: Sequence[Subject]) -> None:
    for subject in subjects:
        subject.prepare()
    names = list(dict.fromkeys(name for subject in subjects for name in subject.operations))
    for name in names:
        for _ in range(ROUNDS):
            for subject in subjects:
                if name in subject.operations:
                    subject.take_turn(name)


def show(result: dict[str, Any]) -> str:
    first = next(iter(result.values()))
    yardstick = first["yardstick"]["p50_ms"]
    return table(
        [
            {"who": who, "operation": name, **found, "p50 ÷ yardstick": ratio(found["p50_ms"], yardstick)}
            for who, operations in result.items()
            for name, found in operations.items()
        ]
    )


def _careloop(stack: ExitStack, count: int) -> Subject:
    desk = stack.enter_context(desks.new_desk("sqlite"))
    filled = desks.inside(desk, f"bench.inside.fill({count})")
    desks.serve(desk)
    token = desks.inside(desk, "bench.inside.token()")
    return Subject(
        f"careloop {count}",
        lambda: sign_in(desk),
        {**operations(filled["open"]), "accept": _accept(token)},
        before_answering(filled["open"]),
        rest=lambda: _rest(desk),
    )


def _accept(token: str) -> Work:
    """The API's door, as another system uses it; what it sets in motion goes on behind the answer."""
    words = messages(1_000, prefix="s")

    def post(client: Client, turn: int) -> None:
        body = {**words[turn % len(words)], "sender": {"id": f"s{turn}"}}
        headers = {"Authorization": f"Bearer {token}", "Idempotency_Key": f"s{turn}"}
        answer = client.post("/api/v1/messages", json.dumps(body).encode(), "application/json", **headers)
        assert answer.status == 202, f"{answer.status}: {answer.text[:300]}"

    return post


def _rest(desk: Desk) -> None:
    """Wait until the desk has done what the requests left behind, so that nobody else's turn pays for it."""
    with connect(desk) as database:
        assert eventually(lambda: database.one(DUE_JOBS) == 0, 120), desk.log("serve")[-3000:]


def sign_in(desk: Desk) -> Client:
    return Client(desk.port).sign_in("/accounts/login/", login=desks.AGENT, password=desks.PASSWORD)


def operations(opened: Sequence[int]) -> dict[str, Work]:
    """``yardstick`` is the health page: the same server, the same Django, one SELECT 1, no page."""

    def conversation(client: Client, turn: int) -> None:
        client.open(f"/conversations/{_chosen(opened, turn)}/", expecting='id="composer"')

    def reply(client: Client, turn: int) -> None:
        answer = client.post_form(f"/conversations/{_chosen(opened, turn)}/messages/", _said(turn))
        assert answer.status == 302, f"{answer.status}: {answer.text[:300]}"
        client.forget("messages")  # the page it leads to would show the notice

    def reply_in_place(client: Client, turn: int) -> None:
        path = f"/conversations/{_chosen(opened, turn)}/messages/"
        answer = client.post_form(path, _said(turn), HX_Request="true")
        assert answer.status == 200, f"{answer.status}: {answer.text[:300]}"
        assert f"{ANSWER} {turn}" in answer.text, "the answer does not show the reply"

    return {
        "yardstick": lambda client, _turn: client.open("/health"),
        "list": lambda client, _turn: client.open("/desk/open/", expecting='id="row-'),
        "conversation": conversation,
        "conversation by click": _click(opened),
        "search": lambda client, _turn: client.open(f"/search/?q={REFUND}", expecting=REFUND),
        "reply": reply,
        "reply, until shown": reply_in_place,
    }


def before_answering(opened: Sequence[int]) -> dict[str, Work]:
    """Who answers has the conversation on the screen, and the composer asked for the checks as they stopped writing."""
    click = _click(opened)

    def write(client: Client, turn: int) -> None:
        click(client, turn)
        path = f"/conversations/{_chosen(opened, turn)}/checks/"
        answer = client.post_form(path, _said(turn), HX_Request="true")
        assert answer.status == 200, f"{answer.status}: {answer.text[:300]}"

    return dict.fromkeys(("reply", "reply, until shown"), write)


def _click(opened: Sequence[int]) -> Work:
    def click(client: Client, turn: int) -> None:
        answer = client.get(f"/conversations/{_chosen(opened, turn)}/", HX_Request="true")
        assert answer.status == 200
        assert 'id="composer"' in answer.text

    return click


def _chosen(opened: Sequence[int], turn: int) -> int:
    return opened[turn * 7 % len(opened)]


def _said(turn: int) -> dict[str, str]:
    return {"kind": "reply", "text": f"{ANSWER} {turn}", "then": "waiting"}
