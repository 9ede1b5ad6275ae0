"""The small part of HTTP that the stream speaks, over ASGI."""

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LARGEST_BODY = 4096


@dataclass(frozen=True)
class Exchange:
    """One request and the ways to answer it."""

    scope: Scope
    receive: Receive
    send: Send
    origins: Sequence[str]

    @property
    def method(self) -> str:
        return str(self.scope["method"])

    @property
    def path(self) -> str:
        """Behind a proxy with one origin the stream lives under /stream."""
        return "/" + str(self.scope["path"]).removeprefix("/stream").strip("/")

    def header(self, name: bytes) -> str:
        return next((value.decode("latin-1") for key, value in self.scope["headers"] if key == name), "")

    @property
    def cookies(self) -> Mapping[str, str]:
        jar = SimpleCookie()
        try:
            jar.load(self.header(b"cookie"))
        except CookieError:
            return {}
        return {name: morsel.value for name, morsel in jar.items()}

    @property
    def comes_from_the_desk(self) -> bool:
        """A browser names the page's origin when it differs from ours; a foreign page must not listen."""
        origin = self.header(b"origin")
        return not origin or origin in self.origins

    def shared(self) -> list[tuple[bytes, bytes]]:
        """The headers that let the desk's pages, on the other port, read the answer with their session."""
        origin = self.header(b"origin")
        headers = [(b"vary", b"Origin"), (b"cache-control", b"no-store")]
        if origin and origin in self.origins:
            headers += [
                (b"access-control-allow-origin", origin.encode("latin-1")),
                (b"access-control-allow-credentials", b"true"),
            ]
        return headers

    async def answer(self, status: int, data: Mapping[str, Any], headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
        body = json.dumps(data, ensure_ascii=False).encode()
        head = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await self.send({"type": "http.response.start", "status": status, "headers": [*head, *self.shared(), *headers]})
        await self.send({"type": "http.response.body", "body": body})

    async def refuse(self, status: int, code: str, message: str) -> None:
        """An error in the one shape of the API."""
        await self.answer(status, {"error": {"code": code, "message": message, "details": {}}})

    async def json(self) -> Any:
        """The body as JSON; raises ValueError when it is none or too long."""
        body, more = b"", True
        while more and len(body) <= LARGEST_BODY:
            message = await self.receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        if len(body) > LARGEST_BODY:
            raise ValueError("too long")
        return json.loads(body)
