"""Where the desk and its streams are reached."""

import pytest

from careloop.common import installation


@pytest.fixture(autouse=True)
def _at_the_default_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOST", "PORT", "STREAM_PORT", "STREAM_URL", "PUBLIC_URL"):
        monkeypatch.delenv(f"CARELOOP_{name}", raising=False)


def test_the_streams_are_beside_the_pages() -> None:
    assert installation.public_url() == "http://127.0.0.1:8000"
    assert installation.stream_url() == "http://127.0.0.1:8001"


@pytest.mark.parametrize("page", ["127.0.0.1:8000", "localhost:8000"])
def test_a_page_finds_the_streams_under_its_own_name_of_this_machine(page: str) -> None:
    host = page.partition(":")[0]
    assert installation.stream_url_for(page) == f"http://{host}:8001"
    assert f"http://{host}:8001" in installation.stream_origins()


def test_behind_a_proxy_the_streams_are_where_the_setting_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARELOOP_STREAM_URL", "https://desk.example.com/stream")
    assert installation.stream_url_for("desk.example.com") == "https://desk.example.com/stream"
    assert installation.stream_origins() == ["https://desk.example.com"]


def test_a_desk_that_listens_everywhere_is_reached_at_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARELOOP_HOST", "0.0.0.0")
    monkeypatch.setenv("CARELOOP_PORT", "9000")
    assert installation.public_url() == "http://127.0.0.1:9000"
    assert installation.stream_url() == "http://127.0.0.1:9001"


def test_a_desk_reached_by_https_has_its_streams_under_the_same_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARELOOP_PUBLIC_URL", "https://desk.example.com/")
    assert installation.stream_url() == "https://desk.example.com/stream"
    assert installation.stream_origins() == ["https://desk.example.com"]


def test_a_desk_reached_in_the_house_has_its_streams_at_the_same_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARELOOP_PUBLIC_URL", "http://192.168.1.20:8000")
    assert installation.stream_url() == "http://192.168.1.20:8001"
