"""What a stranger names is fetched only from the public internet, within its limits."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from careloop.common.fetching import Limits, NotFetched, fetch, is_public

pytestmark = pytest.mark.offline

PUBLIC = "93.184.215.14"
LIMITS = Limits(largest=1000, seconds=5)
OK = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 5\r\n\r\nhello"

Serve = Callable[..., Callable[[tuple[str, int], float], socket.socket]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A server on this machine that gives these answers in turn; whoever is asked for is connected to it."""
    listening = socket.create_server(("127.0.0.1", 0))
    asked: list[tuple[str, int]] = []

    def answer(answers: list[list[bytes]], pause: threading.Event) -> None:
        for pieces in answers:
            with suppress(OSError):
                served, _ = listening.accept()
                with served:
                    served.recv(4096)
                    for piece in pieces:
                        served.sendall(piece)
                        pause.wait(0.05 if len(pieces) > 1 else 0)

    def make(*answers: bytes | list[bytes]) -> Callable[[tuple[str, int], float], socket.socket]:
        given = [each if isinstance(each, list) else [each] for each in answers]
        threading.Thread(target=answer, args=(given, threading.Event()), daemon=True).start()

        def connect(place: tuple[str, int], timeout: float) -> socket.socket:
            asked.append(place)
            return socket.create_connection(listening.getsockname(), timeout)

        connect.asked = asked  # type: ignore[attr-defined]
        return connect

    yield make
    listening.close()


def public(host: str, port: int) -> list[str]:
    return [PUBLIC]


def why(address: str, connect: object = None, **given: object) -> str:
    def nobody(place: tuple[str, int], timeout: float) -> socket.socket:
        raise AssertionError(f"connected to {place}")

    with pytest.raises(NotFetched) as refused:
        fetch(address, LIMITS, **{"resolve": public, "connect": connect or nobody, **given})  # type: ignore[arg-type]
    return refused.value.why


def test_a_public_answer_is_fetched_from_the_address_that_was_checked(serve: Serve) -> None:
    connect = serve(OK)
    found = fetch("http://shop.example/a b.png".replace(" ", "%20"), LIMITS, resolve=public, connect=connect)
    assert (found.data, found.content_type) == (b"hello", "image/png")
    assert connect.asked == [(PUBLIC, 80)]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "224.0.0.1", "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1",
        "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::",
        "localhost", "",
    ],
)  # fmt: skip
def test_what_is_not_public_is_never_connected_to(address: str) -> None:
    assert not is_public(address)
    assert why("http://shop.example/", resolve=lambda host, port: [address]) == "forbidden"
    assert why("http://shop.example/", resolve=lambda host, port: [PUBLIC, address]) == "forbidden"


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"])
def test_what_is_public_is_known(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd", "ftp://shop.example/a", "gopher://shop.example/", "//shop.example/a", "a.png", "",
        "http://", "http:///a", "http://shop.example:8080/", "https://shop.example:80/", "http://me:pw@shop.example/",
        "http://shop.example:x/", "http://shop.example/a b", "http://shop.example/\r\nX: y", "http://[::1", "http://"
        + "a" * 70 + ".example/", "http://shop.example/" + "a" * 3000,
    ],
)  # fmt: skip
def test_what_is_no_plain_web_address_is_refused(address: str) -> None:
    assert why(address) == "forbidden"


def test_a_redirect_is_checked_like_a_first_address(serve: Serve) -> None:
    away = b"HTTP/1.1 302 Found\r\nLocation: http://inside.example/x\r\nContent-Length: 0\r\n\r\n"
    connect = serve(away)
    found = why(
        "http://shop.example/", connect, resolve=lambda host, port: ["10.0.0.7" if host.startswith("in") else PUBLIC]
    )
    assert found == "forbidden"
    assert connect.asked == [(PUBLIC, 80)]  # type: ignore[attr-defined]


def test_a_redirect_is_followed_but_not_for_ever(serve: Serve) -> None:
    away = b"HTTP/1.1 301 Moved\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n"
    assert fetch("http://shop.example/", LIMITS, resolve=public, connect=serve(away, OK)).data == b"hello"
    assert why("http://shop.example/", serve(away, away, away, away, away)) == "refused"


@pytest.mark.parametrize("status", ["204 No Content", "404 Not Found", "500 Oh"])
def test_any_other_answer_is_a_refusal(serve: Serve, status: str) -> None:
    assert why("http://shop.example/", serve(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())) == "refused"


def test_too_much_is_not_read(serve: Serve) -> None:
    said = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"
    assert why("http://shop.example/", serve(said)) == "too_large"
    unsaid = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5000
    assert why("http://shop.example/", serve(unsaid)) == "too_large"


def test_half_an_answer_is_none(serve: Serve) -> None:
    assert why("http://shop.example/", serve(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf")) == "unreachable"
    assert why("http://shop.example/", serve(b"not http at all")) == "unreachable"


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"])
def test_who_sends_a_byte_at_a_time_is_cut_off(serve: Serve, head: bytes) -> None:
    connect = serve([head, *[b"x"] * 100])
    with pytest.raises(NotFetched) as refused:
        fetch("http://shop.example/", Limits(1000, 0.4), resolve=public, connect=connect)
    assert refused.value.why == "too_slow"


def test_a_name_that_is_not_known_is_unreachable() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror

    assert why("http://shop.example/", resolve=unknown) == "unreachable"
