"""`careloop serve`: the whole desk in one command, without importing Django."""

import socket
import sys

import click

from careloop.cli.supervisor import EXIT_HOPELESS, Part, Supervisor
from careloop.common import installation, serving
from careloop.common.serving import Serving


@click.command()
def serve() -> None:
    """Start the whole desk: pages, API, live streams and background work. Ctrl-C stops it cleanly."""
    settings = serving.read()
    _refuse_taken_ports(settings)
    parts = [Part(name, _command(name)) for name in part_names(settings)]
    supervisor = Supervisor(parts, stop_seconds=settings.stop_within.total_seconds() + 1, say=_say)
    code = supervisor.run(when_started=lambda: _announce_when_ready(settings))
    if code == 0:
        _say("Careloop has stopped.")
    sys.exit(code)


def part_names(settings: Serving) -> list[str]:
    """On SQLite the web part does the background work and opens the doors itself."""
    return ["web", "stream"] if settings.one_process_writes else ["web", "stream", "worker", "doors"]


def _command(part: str) -> list[str]:
    # -P keeps the folder in which the command was typed out of Python's search path.
    return [sys.executable, "-P", "-m", "careloop.cli", part]


def _announce_when_ready(settings: Serving) -> bool:
    if not all(_answers(settings.host, port) for port in (settings.port, settings.stream_port)):
        return False
    address = installation.public_url()
    _say(
        "Careloop is ready.\n"
        f"  desk      {address}/\n"
        f"  streams   {installation.stream_url()}\n"
        f"  listens   {settings.host}, ports {settings.port} and {settings.stream_port}\n"
        f"  data      {installation.data_dir()}\n"
        "Ctrl-C stops it."
    )
    return True


def _answers(host: str, port: int) -> bool:
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104
    try:
        with socket.create_connection((reachable, port), timeout=0.5):
            return True
    except OSError:
        return False


def _refuse_taken_ports(settings: Serving) -> None:
    for name, port in (("CARELOOP_PORT", settings.port), ("CARELOOP_STREAM_PORT", settings.stream_port)):
        if _answers(settings.host, port):
            _say(f"Port {port} is taken by another program. Stop it, or set {name} to a free port.")
            sys.exit(EXIT_HOPELESS)


def _say(sentence: str) -> None:
    click.echo(sentence)
    sys.stdout.flush()
