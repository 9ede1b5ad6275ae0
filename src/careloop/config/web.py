"""The web part: gunicorn with threads, serving pages, API and static files.

The application is loaded once and then forked, so a web process that dies is back in a moment. On SQLite there
is exactly one web process, never recycled, and the job threads and doors run inside it, started after the fork.
"""

from typing import Any

from django.db import connections
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker as WebWorker

from careloop.common.serving import Serving
from careloop.config.writing import BackgroundWork
from careloop.config.wsgi import application

# A part of the time to stop is left to the requests in hand and to the ending of the processes.
SHARE_FOR_JOBS = 0.7


class WebServer(BaseApplication):
    """Gunicorn, configured from our settings alone: no command line and no file of its own."""

    def __init__(self, serving: Serving) -> None:
        self.serving = serving
        self.background: BackgroundWork | None = None
        super().__init__()

    def load_config(self) -> None:
        serving = self.serving
        options = {
            "bind": f"{_bracketed(serving.host)}:{serving.port}",
            "worker_class": "gthread",
            "workers": 1 if serving.one_process_writes else serving.web_workers,
            "threads": serving.web_threads,
            "max_requests": 0,
            "preload_app": True,
            "timeout": 120,
            "graceful_timeout": int(serving.stop_within.total_seconds()),
            "keepalive": 5,
            "control_socket_disable": True,
            "proc_name": "careloop-web",
            "errorlog": "-",
            "loglevel": "warning",
            "pre_fork": _share_no_connection,
            "post_worker_init": self._start_background,
            "worker_exit": self._stop_background,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return application

    def _start_background(self, _process: WebWorker) -> None:
        if self.serving.one_process_writes:
            self.background = BackgroundWork(self.serving, with_jobs=True, with_doors=True)
            self.background.start()

    def _stop_background(self, _arbiter: Arbiter, _process: WebWorker) -> None:
        if self.background:
            self.background.stop(self.serving.stop_within.total_seconds() * SHARE_FOR_JOBS)


def _share_no_connection(_arbiter: Arbiter, _process: WebWorker) -> None:
    """Nothing opened so far may be used by two processes.

    Closing a connection only gives it back to the pool of PostgreSQL, which would be inherited: two processes would
    read each other's answers from one socket. So the pool goes too; each process makes its own when it needs one.
    """
    for connection in connections.all(initialized_only=True):
        connection.close()
        if close_pool := getattr(connection, "close_pool", None):
            close_pool()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
