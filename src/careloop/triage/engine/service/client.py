"""Ask the service over HTTP: one connection, one answer, within a time and a size."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from careloop.triage.engine.service.errors import NoAnswer

LONGEST_ANSWER = 256 * 1024
PIECE = 16 * 1024
CHAT = "/chat/completions"


@dataclass(frozen=True, slots=True)
class Address:
    """Where the service is. ``url`` ends before ``/chat/completions``, as in ``http://127.0.0.1:8080/v1``; the key goes
    into the Authorization header and nowhere else."""

    url: str
    model: str
    key: str = ""
    seconds: float = 20.0

    def __repr__(self) -> str:
        return f"Address({self.url!r}, {self.model!r})"


def post(address: Address, body: dict[str, Any]) -> bytes:
    """The body of a 200. Raises :class:`NoAnswer` for everything else; redirects are not followed."""
    until = time.monotonic() + address.seconds
    connection = _connection(address)
    try:
        connection.request("POST", urlsplit(address.url).path.rstrip("/") + CHAT, _bytes(body), _headers(address))
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise _refusal(answer.status)
        return _read(answer, connection, until)
    except TimeoutError as error:
        raise _too_slow(address) from error
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswer("unreachable", f"The language model cannot be reached: {error}") from error
    finally:
        connection.close()


def _connection(address: Address) -> http.client.HTTPConnection:
    parts = urlsplit(address.url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, parts.port, timeout=address.seconds, context=context)
    return http.client.HTTPConnection(host, parts.port, timeout=address.seconds)


def _bytes(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def _headers(address: Address) -> dict[str, str]:
    key = {"Authorization": f"Bearer {address.key}"} if address.key else {}
    return {"Content-Type": "application/json", "Accept": "application/json", **key}


def _read(answer: http.client.HTTPResponse, connection: http.client.HTTPConnection, until: float) -> bytes:
    """In pieces: a service that sends a byte a minute is too slow, however alive it looks."""
    read = bytearray()
    while True:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if isinstance(connection.sock, socket.socket):
            connection.sock.settimeout(left)
        piece = answer.read1(PIECE)
        if not piece:
            return bytes(read)
        read += piece
        if len(read) > LONGEST_ANSWER:
            raise NoAnswer("too_long", "The language model's answer is longer than any answer should be.")


def _refusal(status: int) -> NoAnswer:
    if status in (429, 503):
        return NoAnswer("busy", f"The language model is busy (HTTP {status}).")
    if status < 500:  # our request or our key
        return NoAnswer("refused", f"The language model refuses the request (HTTP {status}).")
    return NoAnswer("failed", f"The language model has failed (HTTP {status}).")


def _too_slow(address: Address) -> NoAnswer:
    return NoAnswer("too_slow", f"The language model did not answer within {address.seconds:g} seconds.")
