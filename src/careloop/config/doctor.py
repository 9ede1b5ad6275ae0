"""What `careloop doctor` looks at, in the order in which it reports. Rooms add their checks here."""

import os
import shutil
import socket
from collections.abc import Iterator

from django.conf import settings
from django.db import connection
from django.utils import timezone

from careloop.common import installation
from careloop.common.checks import Finding
from careloop.common.env import BYTES_IN
from careloop.common.models import Job, RecurringRun
from careloop.config.first_start import pending_migrations
from careloop.config.writing import place_of_sole_writer

CHECKS: tuple[str, ...] = (
    "careloop.config.doctor.database",
    "careloop.config.doctor.data_folder",
    "careloop.config.doctor.secret_key_is_private",
    "careloop.config.doctor.parts",
    "careloop.config.doctor.background_jobs",
    "careloop.config.doctor.recurring_jobs",
    "careloop.channels.email.checks.mailboxes",
    "careloop.channels.email.checks.sending",
    "careloop.channels.email.checks.doors",
    "careloop.sla.checks.laws",
    "careloop.triage.checks.language_model",
)
# What can be said without a database, which asking must not make.
BEFORE_THE_FIRST_START: tuple[str, ...] = (
    "careloop.config.doctor.no_database_yet",
    "careloop.config.doctor.data_folder",
    "careloop.config.doctor.secret_key_is_private",
)
LITTLE_DISK = 1 * BYTES_IN["gib"]


def database() -> Iterator[Finding]:
    """Is it reachable, and has it the shape that this version needs?"""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    kind = "SQLite" if connection.vendor == "sqlite" else "PostgreSQL"
    yield Finding("database", "ok", f"{kind} answers.")
    if connection.vendor == "postgresql":
        yield encoding_finding(_server_encoding())
    missing = pending_migrations()
    if missing:
        sentence = f"{len(missing)} changes are missing, the first is {missing[0]}."
        yield Finding("migrations", "failure", sentence, "Run `careloop migrate`.")
    else:
        yield Finding("migrations", "ok", "The database has the shape this version needs.")


def no_database_yet() -> Iterator[Finding]:
    """Nothing was started here."""
    advice = "`careloop serve` makes it at the first start, and with it the data folder and the secret key."
    yield Finding("database", "warning", "There is no database yet.", advice)


def encoding_finding(encoding: str) -> Finding:
    """PostgreSQL keeps Chinese words only in UTF-8; which one it uses was chosen when the database was made."""
    if encoding == "UTF8":
        return Finding("encoding", "ok", "The database keeps text as UTF8.")
    sentence = f"The database keeps text as {encoding}, so that not every language can be stored."
    advice = "Make a new one: CREATE DATABASE careloop ENCODING 'UTF8' TEMPLATE template0, and load a dump into it."
    return Finding("encoding", "failure", sentence, advice)


def _server_encoding() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        return str(cursor.fetchone()[0])


def data_folder() -> Iterator[Finding]:
    """Can we write there, and is there room?"""
    folder = installation.data_dir()
    if not folder.exists():
        advice = "The first start makes it, owned by the account that starts the desk."
        yield Finding("data folder", "ok", f"{folder} is not there yet.", advice)
        return
    if not os.access(folder, os.W_OK):
        yield Finding("data folder", "failure", f"{folder} cannot be written.", "Give it to the desk's own account.")
        return
    free = shutil.disk_usage(folder).free
    sentence = f"{folder} has {free / BYTES_IN['gib']:.1f} GiB free."
    if free < LITTLE_DISK:
        yield Finding("data folder", "warning", sentence, "Make room before mail and files have none.")
    else:
        yield Finding("data folder", "ok", sentence)


def parts() -> Iterator[Finding]:
    """Do the pages and the streams answer at their ports?"""
    for name, port in (("pages", installation.port()), ("streams", installation.stream_port())):
        if _answers(port):
            yield Finding(name, "ok", f"Port {port} answers.")
        else:
            yield Finding(name, "warning", f"Nothing answers at port {port}.", "Start the desk with `careloop serve`.")
    if connection.vendor == "sqlite" and not place_of_sole_writer().is_taken():
        yield Finding("background work", "warning", "No process does the background jobs.", "Start `careloop serve`.")


def background_jobs() -> Iterator[Finding]:
    """What waits for too long, and what was given up?"""
    late, dead = Job.objects.late(timezone.now()).count(), Job.objects.dead().count()
    if late:
        yield Finding("jobs", "warning", f"{late} jobs have waited for more than a minute.", "Is a worker running?")
    if dead:
        advice = "Look at them under Background jobs in the settings; run them again or discard them."
        yield Finding("jobs", "warning", f"{dead} jobs were given up.", advice)
    if not late and not dead:
        yield Finding("jobs", "ok", "No job is late, none was given up.")


def recurring_jobs() -> Iterator[Finding]:
    """Does the schedule go on?"""
    overdue = list(
        RecurringRun.objects.filter(due_at__lt=timezone.now() - Job.LATE_AFTER).values_list("name", flat=True)
    )
    if overdue:
        yield Finding("schedule", "warning", f"Overdue: {', '.join(overdue)}.", "Is a worker running?")
    else:
        yield Finding("schedule", "ok", f"{RecurringRun.objects.count()} recurring jobs are on time.")


def _answers(port: int) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(installation.host(), installation.host())  # noqa: S104
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def secret_key_is_private() -> Iterator[Finding]:
    """The file of the secret key must be readable by its owner alone."""
    path = settings.DATA_DIR / "secret_key"
    if path.exists() and path.stat().st_mode & 0o077:
        yield Finding("secret key", "failure", f"{path} can be read by others.", f"Run `chmod 600 {path}`.")
