"""The parts of the desk as commands: `careloop web`, `stream`, `worker` and `doors`."""

import signal
import sys
from threading import Event

import click

from careloop.cli.supervisor import EXIT_HOPELESS
from careloop.common import serving
from careloop.common.commands import start_django
from careloop.common.serving import Serving


@click.command()
def web() -> None:
    """Start only the pages and the API; on SQLite the job threads and the mail doors run inside."""
    settings = serving.read()
    start_django()
    from careloop.config.web import WebServer
    from careloop.config.writing import place_of_sole_writer

    # The place is inherited by the web process and is free again when that has ended too.
    if settings.one_process_writes and not place_of_sole_writer().is_ours():
        _refuse("This database already has a desk running. Stop that one first, or use another CARELOOP_DATA_DIR.")
    _ready(prepares=True)
    WebServer(settings).run()


@click.command()
def stream() -> None:
    """Start only the live streams."""
    settings = _ready(prepares=False)
    from careloop.config.streaming import serve_streams

    serve_streams(settings)


@click.command()
def worker() -> None:
    """Start only the job threads, beside others on this or other machines. PostgreSQL only."""
    _run_background(with_jobs=True, with_doors=False)


@click.command()
def doors() -> None:
    """Start only the mail doors. PostgreSQL only."""
    _run_background(with_jobs=False, with_doors=True)


def _ready(*, prepares: bool) -> Serving:
    settings = serving.read()
    start_django()
    from careloop.config import first_start

    if prepares:
        first_start.prepare()
    elif not first_start.wait_until_prepared():
        raise click.ClickException("The database is not prepared. Start `careloop web` or run `careloop migrate`.")
    return settings


def _run_background(*, with_jobs: bool, with_doors: bool) -> None:
    """Work until SIGTERM or Ctrl-C, then finish what is in hand."""
    if serving.read().one_process_writes:
        _refuse(
            "On SQLite one process writes, and the web process does the background work itself. "
            "Use `careloop serve`, or set CARELOOP_DATABASE_URL to a PostgreSQL database."
        )
    settings = _ready(prepares=False)
    from careloop.config.writing import BackgroundWork

    stopped = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    background = BackgroundWork(settings, with_jobs=with_jobs, with_doors=with_doors)
    background.start()
    stopped.wait()
    background.stop(settings.stop_within.total_seconds() * 0.8)


def _refuse(sentence: str) -> None:
    click.echo(sentence, err=True)
    sys.exit(EXIT_HOPELESS)
