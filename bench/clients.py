"""Clients of a served desk: one connection each, kept open where the server allows it; 127.0.0.1 only."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from urllib.parse import quote, urlencode

PATIENCE_SECONDS = 60.0
_LOADS = re.compile(r'hx-get="([^"]+)"[^>]*hx-trigger="load')


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    location: str


class Client:
    """One person's browser, as far as a server notices: cookies, the CSRF token, one connection."""

    def __init__(self, port: int, **headers: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        self._headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self._cookies: dict[str, str] = {}

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, body: bytes, content_type: str, **headers: str) -> Answer:
        token = {"X-CSRFToken": self._cookies.get("csrftoken", "")}
        return self._ask("POST", path, body, {"Content-Type": content_type, **token, **headers})

    def post_form(self, path: str, fields: dict[str, str], **headers: str) -> Answer:
        return self.post(path, urlencode(fields).encode(), "application/x-www-form-urlencoded", **headers)

    def hang_up(self) -> None:
        """Close the connection; the next request opens another."""
        self._connection.close()

    def forget(self, cookie: str) -> None:
        self._cookies.pop(cookie, None)

    def sign_in(self, path: str, **fields: str) -> Client:
        self.get(path)
        answer = self.post_form(path, fields)
        assert answer.status == 302, f"could not sign in: {answer.status}"
        return self

    def open(self, path: str, *, expecting: str = "") -> Answer:
        """A page, and what it fetches as soon as it stands: an operation ends when the screen is full."""
        answer = self.get(path)
        assert answer.status == 200, f"{path}: {answer.status}"
        text = answer.text
        for follow in _LOADS.findall(answer.text):
            part = self.get(follow.replace("&amp;", "&"), HX_Request="true")
            assert part.status == 200, f"{follow}: {part.status}"
            text += part.text
        assert expecting in text, f"{path} shows no {expecting}"
        return Answer(answer.status, text, "")

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        sent = {**self._headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if self._cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        try:
            self._connection.request(method, quote(path, safe="/?&=%:,+-_."), body, sent)
            response = self._connection.getresponse()
        except HTTPException as error:
            self._connection.close()
            raise AssertionError(f"{method} {path}: {error!r}") from error
        text = response.read().decode("utf-8", "replace")
        for line in response.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(line).items():
                self._cookies[name] = morsel.value
        return Answer(response.status, text, response.headers.get("Location", ""))


Work = Callable[[Client, int], object]


def one_after_the_other(work: Work, client: Client, numbers: Sequence[int]) -> list[float]:
    """Seconds of each, at one client, on a new connection: the last may have idled too long."""
    client.hang_up()
    taken = []
    for number in numbers:
        start = time.perf_counter()
        work(client, number)
        taken.append(time.perf_counter() - start)
    return taken


def together(work: Work, clients: Sequence[Client], numbers: Sequence[int]) -> float:
    """Seconds until all is done, the numbers shared among the clients; raises when any failed."""
    failures: list[BaseException] = []

    def run(client: Client, share: Sequence[int]) -> None:
        try:
            one_after_the_other(work, client, share)
        except BaseException as error:
            failures.append(error)

    threads = [
        threading.Thread(target=run, args=(client, numbers[first :: len(clients)]), daemon=True)
        for first, client in enumerate(clients)
    ]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return time.perf_counter() - start
