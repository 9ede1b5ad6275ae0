"""A language-model service of the tests' own: a real HTTP server on this machine that speaks chat completions."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class LanguageModel:
    """What it was asked, and what it answers next."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.heads: dict[str, Any] = {}
        self.status = 200
        self.raw: bytes | None = None
        self.slow_seconds = 0.0
        self.knows_response_format = True
        self.url = ""

    def answer_to(self, body: dict[str, Any]) -> tuple[int, bytes]:
        self.requests.append(body)
        if self.status != 200:
            return self.status, b'{"error": {"message": "no"}}'
        if "response_format" in body and not self.knows_response_format:
            return 400, b'{"error": {"message": "unknown field response_format"}}'
        if self.raw is not None:
            return 200, self.raw
        content = json.dumps({"heads": self.heads}, ensure_ascii=False)
        message = {"role": "assistant", "content": content}
        answer = {"id": "1", "object": "chat.completion", "model": body["model"]}
        return 200, json.dumps(
            {**answer, "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}, ensure_ascii=False
        ).encode()

    @property
    def texts(self) -> list[str]:
        """What it was shown of the customers' words."""
        return [str(json.loads(body["messages"][1]["content"])["text"]) for body in self.requests]


@contextmanager
def serving() -> Iterator[LanguageModel]:
    """The service on a free port, gone at the end."""
    model = LanguageModel()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/chat/completions", self.path
            model.headers.append(dict(self.headers))
            status, answer = model.answer_to(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            for place in range(len(answer)) if model.slow_seconds else ():
                self.wfile.write(answer[place : place + 1])
                time.sleep(model.slow_seconds)
            if not model.slow_seconds:
                self.wfile.write(answer)

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    model.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield model
    finally:
        server.shutdown()
        server.server_close()
