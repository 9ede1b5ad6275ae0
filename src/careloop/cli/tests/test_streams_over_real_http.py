"""A browser's stream through the running desk, on both databases, before and after a kill."""

import http.client
import json
import signal
from typing import Any

import pytest

from careloop.cli.tests.desk import Desk, children_of, eventually, kill

pytestmark = pytest.mark.slow

SIGN_IN = """
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
user = get_user_model().objects.get(role="admin")
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = "careloop.accounts.backends.ByAddress"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.create()
print(json.dumps([settings.SESSION_COOKIE_NAME, session.session_key]))
"""
HAPPEN = """
from django.db import transaction
from careloop.common.events import record
with transaction.atomic():
    print(json.dumps(record("test.happened").pk))
"""


@pytest.fixture(params=["desk", "large_desk"])
def served(request: pytest.FixtureRequest) -> Desk:
    desk: Desk = request.getfixturevalue(request.param)
    desk.start("serve")
    assert eventually(lambda: "Careloop is ready" in desk.log("serve")), desk.log("serve")
    return desk


class Browser:
    """One open EventSource."""

    def __init__(self, desk: Desk, cookie: str, last_event_id: str = "") -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", desk.port + 1, timeout=20)
        headers = {"Cookie": cookie, "Origin": f"http://127.0.0.1:{desk.port}"}
        if last_event_id:
            headers["Last-Event-ID"] = last_event_id
        self._connection.request("GET", "/events", headers=headers)
        self.answer = self._connection.getresponse()

    def next_change(self) -> Any:
        while line := self.answer.readline().decode():
            if line.startswith("data: "):
                return json.loads(line.removeprefix("data: "))
        return None

    def close(self) -> None:
        self._connection.close()


def test_a_signed_in_browser_hears_and_hears_again_after_the_stream_was_killed(served: Desk) -> None:
    cookie = "=".join(served.python(SIGN_IN))
    browser = Browser(served, cookie)
    assert browser.answer.status == 200
    first = served.python(HAPPEN)
    assert browser.next_change() == {"name": "test.happened", "conversation_id": None, "id": first}
    kill(children_of(served.processes[0], "stream")[0])
    assert browser.next_change() is None
    browser.close()
    assert eventually(lambda: served.log("serve").count("stream ended") == 1)
    assert eventually(lambda: served.answers(served.port + 1))
    again = Browser(served, cookie, last_event_id=str(first))
    # The new process does not know what happened before it; it says so rather than keeping silent.
    assert again.next_change()["name"] == "refetch"
    second = served.python(HAPPEN)
    assert again.next_change()["id"] == second
    served.processes[0].send_signal(signal.SIGINT)  # With the stream open.
    assert served.processes[0].wait(20) == 0
    assert "Traceback" not in served.log("serve"), served.log("serve")
    again.close()


def test_a_stranger_hears_nothing(served: Desk) -> None:
    assert Browser(served, "careloop_session=forged").answer.status == 401
