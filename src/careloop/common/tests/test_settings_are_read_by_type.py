"""The environment readers: what they accept, what they refuse, and what they write down."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careloop.common import env
from careloop.common.db.address import database_from
from careloop.common.env import SettingError

NAME = "CARELOOP_OF_A_TEST"


@pytest.fixture(autouse=True)
def _registry_of_its_own() -> Iterator[None]:
    kept = dict(env.REGISTRY)
    yield
    env.REGISTRY.clear()
    env.REGISTRY.update(kept)


@pytest.mark.parametrize(
    ("written", "read"), [("on", True), ("TRUE", True), ("1", True), ("no", False), ("Off", False), ("", True)]
)
def test_a_flag_is_a_word(written: str, read: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, written)
    assert env.flag(NAME, True, sentence="A flag.") is read


@pytest.mark.parametrize(
    ("written", "seconds"), [("500ms", 0.5), ("30s", 30), ("5 m", 300), ("2h", 7200), ("1d", 86400), ("1.5s", 1.5)]
)
def test_a_duration_carries_its_unit(written: str, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, written)
    assert env.duration(NAME, timedelta(seconds=1), sentence="A span.") == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("written", "size"), [("10", 10), ("1KiB", 1024), ("25 mib", 25 * 1024**2), ("2GiB", 2 * 1024**3)]
)
def test_a_size_carries_its_unit(written: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, written)
    assert env.size(NAME, 1, sentence="A size.") == size


WRONG = [
    (lambda: env.flag(NAME, sentence="S."), "perhaps"),
    (lambda: env.integer(NAME, 1, sentence="S."), "1.5"),
    (lambda: env.integer(NAME, 1, minimum=1, sentence="S."), "0"),
    (lambda: env.integer(NAME, 1, maximum=9, sentence="S."), "10"),
    (lambda: env.duration(NAME, timedelta(1), sentence="S."), "10"),
    (lambda: env.duration(NAME, timedelta(1), minimum=timedelta(seconds=5), sentence="S."), "1s"),
    (lambda: env.size(NAME, 1, sentence="S."), "1 parsec"),
    (lambda: env.choice(NAME, "a", choices=("a", "b"), sentence="S."), "c"),
    (lambda: env.url(NAME, sentence="S."), "ftp://example.com"),
    (lambda: env.url(NAME, sentence="S."), "http://example.com:port"),
    (lambda: env.url(NAME, sentence="S."), "example.com"),
]


@pytest.mark.parametrize(("reader", "written"), WRONG)
def test_a_wrong_value_names_its_setting(reader: object, written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, written)
    with pytest.raises(SettingError, match=NAME):
        reader()  # type: ignore[operator]


@given(st.text(st.characters(exclude_characters="\0", categories=("L", "N", "P", "Z", "S")), max_size=40))
def test_no_value_breaks_a_reader_in_another_way(written: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(NAME, written)
        for reader, _ in WRONG:
            with suppress(SettingError):
                reader()
            env.REGISTRY.pop(NAME, None)


@given(st.integers(1, 10**9))
def test_a_duration_is_shown_as_it_is_read(milliseconds: int) -> None:
    span = timedelta(milliseconds=milliseconds)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(NAME, env.shown_duration(span))
        assert env.duration(NAME, timedelta(1), sentence="S.") == span
    env.REGISTRY.pop(NAME)


def test_a_secret_may_lie_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("from the file\n")
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "secret"))
    assert env.secret(NAME, sentence="S.") == "from the file"
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "missing"))
    with pytest.raises(SettingError, match=f"{NAME}_FILE"):
        env.secret(NAME, sentence="S.")


def test_a_secret_that_is_required_has_no_default() -> None:
    with pytest.raises(SettingError, match=NAME):
        env.secret(NAME, required=True, sentence="S.")


def test_a_secret_never_appears_in_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "hush")
    env.secret(NAME, sentence="A secret of a test.")
    assert "A secret of a test." in env.reference()
    assert "hush" not in env.reference()


def test_one_setting_has_one_meaning() -> None:
    env.text(NAME, sentence="One meaning.")
    env.text(NAME, sentence="One meaning.")
    with pytest.raises(ValueError, match="described twice"):
        env.text(NAME, sentence="Another meaning.")


def test_a_database_is_named_by_its_address() -> None:
    sqlite = database_from("sqlite:////srv/careloop.db")
    assert (sqlite["ENGINE"], sqlite["NAME"]) == ("careloop.common.db.sqlite", "/srv/careloop.db")
    assert database_from("sqlite:///:memory:")["NAME"] == ":memory:"
    server = database_from("postgresql://desk:s%40crt@db.internal:5433/care?sslmode=require")
    assert (server["USER"], server["PASSWORD"], server["HOST"]) == ("desk", "s@crt", "db.internal")
    assert (server["PORT"], server["NAME"], server["OPTIONS"]["sslmode"]) == ("5433", "care", "require")


@pytest.mark.parametrize(
    "address", ["mysql://host/name", "sqlite:///relative.db", "postgresql://host/", "postgresql://h:x/n"]
)
def test_an_unusable_address_names_its_setting(address: str) -> None:
    with pytest.raises(SettingError, match="CARELOOP_DATABASE_URL"):
        database_from(address)
