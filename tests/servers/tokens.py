"""A small OAuth2 server: signs people in (RFC 6749 4.1 with RFC 7636), renews tokens (RFC 6749 6) and tells Dovecot
whether one is good (RFC 7662)."""

import base64
import json
import threading
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit


class TokenServer:
    """Knows one refresh token per user; every access token it gives is good until ``withdraw``."""

    def __init__(self) -> None:
        self.refresh_tokens: dict[str, str] = {}
        self.good: dict[str, str] = {}
        self.given = 0
        self.clients: dict[str, str] = {"desk": "hush"}  # client id and secret
        self.return_addresses: set[str] = set()
        self.gives_refresh_tokens = True
        self._codes: dict[str, dict[str, str]] = {}
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

    @property
    def authorize_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/authorize"

    def withdraw(self) -> None:
        """All tokens given so far stop working, as when an administrator ends the sessions."""
        self.good.clear()

    def asked(self, question: dict[str, str]) -> tuple[int, str]:
        """The person agrees at once: a redirect back with a code; what is wrong with the request stays here (400)."""
        back = question.get("redirect_uri", "")
        if question.get("client_id") not in self.clients or back not in self.return_addresses:
            return 400, ""
        if question.get("response_type") != "code" or question.get("code_challenge_method") != "S256":
            return 302, f"{back}?{urlencode({'error': 'invalid_request', 'state': question.get('state', '')})}"
        code = f"code-{len(self._codes) + 1}"
        self._codes[code] = question
        return 302, f"{back}?{urlencode({'code': code, 'state': question.get('state', '')})}"

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        if form.get("grant_type") == "authorization_code":
            return self.exchanged(form)
        return self.renewed(form)

    def exchanged(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        """A code is good once, for who asked for it: same client and return address, the verifier of its challenge."""
        if self.clients.get(form.get("client_id", "")) != form.get("client_secret"):
            return 401, {"error": "invalid_client"}
        question = self._codes.pop(form.get("code", ""), None)
        digest = sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if question is None or question.get("code_challenge") != challenge:
            return 400, {"error": "invalid_grant"}
        if question["redirect_uri"] != form.get("redirect_uri"):
            return 400, {"error": "redirect_uri_mismatch"}
        user = question.get("login_hint", "")
        answer = self._token_for(user)
        if self.gives_refresh_tokens:
            self.refresh_tokens[f"refresh-of-{user}"] = user
            answer["refresh_token"] = f"refresh-of-{user}"
        return 200, answer

    def renewed(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        user = self.refresh_tokens.get(form.get("refresh_token", ""))
        if user is None or form.get("grant_type") != "refresh_token":
            return 400, {"error": "invalid_grant"}
        return 200, self._token_for(user)

    def _token_for(self, user: str) -> dict[str, object]:
        self.given += 1
        token = f"token-{self.given}-for-{user}"
        self.good[token] = user
        return {"access_token": token, "expires_in": 3600, "token_type": "Bearer"}

    def looked_at(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        user = self.good.get(form.get("token", ""))
        return 200, {"active": user is not None, "username": user or "", "email": user or ""}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            routes: ClassVar = {"/token": server.token, "/introspect": server.looked_at}

            def do_GET(self) -> None:
                query = parse_qs(urlsplit(self.path).query)
                status, location = server.asked({name: values[0] for name, values in query.items()})
                self.send_response(status)
                if location:
                    self.send_header("Location", location)
                self.send_header("Content-Length", "0")
                self.end_headers()

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
