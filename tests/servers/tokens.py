"""A small OAuth2 server: renews tokens (RFC 6749 6) and tells Dovecot whether one is good (RFC 7662)."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs


class TokenServer:
    """Knows one refresh token per user; every access token it gives is good until ``withdraw``."""

    def __init__(self) -> None:
        self.refresh_tokens: dict[str, str] = {}
        self.good: dict[str, str] = {}
        self.given = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.port: int = self._server.server_address[1]

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def token_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/token"

    def withdraw(self) -> None:
        """All tokens given so far stop working, as when an administrator ends the sessions."""
        self.good.clear()

    def renewed(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        user = self.refresh_tokens.get(form.get("refresh_token", ""))
        if user is None or form.get("grant_type") != "refresh_token":
            return 400, {"error": "invalid_grant"}
        self.given += 1
        token = f"token-{self.given}-for-{user}"
        self.good[token] = user
        return 200, {"access_token": token, "expires_in": 3600, "token_type": "Bearer"}

    def looked_at(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        user = self.good.get(form.get("token", ""))
        return 200, {"active": user is not None, "username": user or "", "email": user or ""}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            routes: ClassVar = {"/token": server.renewed, "/introspect": server.looked_at}

            def do_POST(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                form = {name: values[0] for name, values in parse_qs(self.rfile.read(size).decode()).items()}
                status, answer = self.routes[self.path](form)
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        return Handler
