"""Fetch something small from an address that a stranger wrote, without being led into our own network.

What a stranger names may point at this machine, at its neighbours or at a cloud's metadata (server-side request
forgery). So: only http and https on their own ports; the name is resolved once and every address it has must be a
public one; the connection goes to the address that was checked, so that a second answer of the name server changes
nothing; each redirect is checked like a first address; size and time have limits. Proxies of the environment are not
used, cookies and referrers are not sent.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

PORTS = {"http": 80, "https": 443}
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 3
LONGEST_ADDRESS = 2048

Resolve = Callable[[str, int], list[str]]
Connect = Callable[[tuple[str, int], float], socket.socket]


class NotFetched(Exception):
    """It was not fetched, and why: ``forbidden``, ``too_large``, ``too_slow``, ``refused``, ``unreachable``."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Limits:
    """How much is read at most, and how long all of it may take, redirects included."""

    largest: int
    seconds: float


@dataclass(frozen=True)
class Fetched:
    data: bytes
    content_type: str


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def fetch(
    address: str, limits: Limits, *, accept: str = "*/*", resolve: Resolve = resolve,
    connect: Connect = socket.create_connection,
) -> Fetched:  # fmt: skip
    """The body behind the address. Raises :class:`NotFetched` for whatever is not a plain public answer in time."""
    until = time.monotonic() + limits.seconds
    for _redirect in range(MOST_REDIRECTS + 1):
        found = _ask(address, limits, until, accept, resolve, connect)
        if isinstance(found, Fetched):
            return found
        address = urljoin(address, found)
    raise NotFetched("refused")


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet; one that wraps another (mapped, 6to4, NAT64) is judged
    by both."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = _wrapped(found)
    return found.is_global and not found.is_multicast and (inner is None or is_public(str(inner)))


_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def _wrapped(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _ask(address: str, limits: Limits, until: float, accept: str, resolve: Resolve, connect: Connect) -> Fetched | str:
    """One request: what it answers, or where it sends us."""
    scheme, host, target = _parts(address)
    addresses = _public_addresses(host, PORTS[scheme], resolve)
    try:
        with _reached(addresses, PORTS[scheme], until, connect) as plain, _secured(scheme, host, plain) as sock:
            connection = http.client.HTTPConnection(host)
            connection.sock = sock
            connection.request("GET", target, headers={"Accept": accept, "User-Agent": "Careloop"})
            answer = connection.getresponse()
            if answer.status in REDIRECTS:
                return answer.headers.get("Location", "")
            if answer.status != http.client.OK:
                raise NotFetched("refused")
            return Fetched(_read(answer, limits, until), answer.headers.get_content_type())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotFetched("too_slow" if time.monotonic() >= until else "unreachable") from error


def _parts(address: str) -> tuple[str, str, str]:
    """Scheme, host and path with query. Names and passwords in an address, and other ports, are not for us."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise NotFetched("forbidden") from error
    scheme, host = parts.scheme.lower(), parts.hostname or ""
    is_ours = scheme in PORTS and port in (None, PORTS[scheme]) and "@" not in parts.netloc and bool(host)
    if not is_ours or len(address) > LONGEST_ADDRESS or any(ord(letter) <= 32 for letter in address):
        raise NotFetched("forbidden")
    try:
        host = host.encode("idna").decode() if ":" not in host else host
    except UnicodeError as error:
        raise NotFetched("forbidden") from error
    path = _quoted(parts.path or "/")
    return scheme, host, f"{path}?{_quoted(parts.query)}" if parts.query else path


def _quoted(text: str) -> str:
    """What is not ASCII as UTF-8 in percent signs; what is quoted already stays."""
    return "".join(
        letter if letter.isascii() else "".join(f"%{byte:02X}" for byte in letter.encode()) for letter in text
    )


def _public_addresses(host: str, port: int, resolve: Resolve) -> list[str]:
    try:
        addresses = resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise NotFetched("unreachable") from error
    # One private address among public ones is a trap, not a mistake.
    if not addresses or not all(is_public(each) for each in addresses):
        raise NotFetched("forbidden")
    return addresses


@contextmanager
def _reached(addresses: list[str], port: int, until: float, connect: Connect) -> Iterator[socket.socket]:
    """A connection to the first address that answers, cut when the time is over.

    A limit for each read alone would let a sender hold a thread for hours, a byte at a time.
    """
    sock = _first_that_answers(addresses, port, until, connect)
    guard = sock.dup()
    timer = threading.Timer(_left(until), _cut, [guard])
    timer.daemon = True
    timer.start()
    try:
        yield sock
    finally:
        timer.cancel()
        guard.close()
        sock.close()


def _first_that_answers(addresses: list[str], port: int, until: float, connect: Connect) -> socket.socket:
    for last, address in enumerate(addresses, start=1):
        try:
            return connect((address, port), _left(until))
        except OSError:
            if last == len(addresses):
                raise
    raise NotFetched("unreachable")


def _secured(scheme: str, host: str, plain: socket.socket) -> socket.socket:
    return plain if scheme == "http" else ssl.create_default_context().wrap_socket(plain, server_hostname=host)


def _cut(guard: socket.socket) -> None:
    with suppress(OSError):
        guard.shutdown(socket.SHUT_RDWR)


def _read(answer: http.client.HTTPResponse, limits: Limits, until: float) -> bytes:
    """The whole body, or nothing: half of one is none."""
    if (answer.length or 0) > limits.largest:
        raise NotFetched("too_large")
    body = answer.read(limits.largest + 1)
    _left(until)
    if len(body) > limits.largest:
        raise NotFetched("too_large")
    if answer.length:
        raise NotFetched("unreachable")
    return body


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise NotFetched("too_slow")
    return left
