"""What happens before the desk serves for the first time, and does nothing at the second.

The folder of data is made, the database is brought to this version's shape, and an administrator is made with
a random password that is printed once. There is no default password anywhere. (The secret key is made by the
settings when they are read.)
"""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError

from careloop.accounts.models import Role, Team, User
from careloop.common import installation
from careloop.common.transaction import write
from careloop.config.shipped import load_shipped

PASSWORD_BYTES = 12
# Any number that no other program uses for an advisory lock of this database: "care" in ASCII.
MIGRATION_LOCK = 0x63617265


def prepare() -> None:
    """Make the database ready and see that somebody can sign in; safe in many processes at once."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    with _one_at_a_time():
        # The first team is the last thing that is loaded: without it an earlier preparation was interrupted.
        if pending_migrations() or not Team.objects.exists():
            click.echo("Preparing the database …", err=True)
            call_command("migrate", interactive=False, verbosity=0)
            load_shipped()
        make_first_administrator()


def pending_migrations() -> list[str]:
    """The names of the changes that the database still needs."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def wait_until_prepared(timeout_seconds: float = 120.0) -> bool:
    """For the parts that leave the preparation to the web part: wait until it is done."""
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        try:
            if not pending_migrations():
                return True
        except OperationalError:
            connection.close()
        time.sleep(0.3)
    return False


def make_first_administrator() -> None:
    """Make an administrator and print the password, unless one exists."""
    if User.objects.filter(role=Role.ADMIN, is_active=True).exists():
        return
    email = installation.admin_email()
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    with write():
        User.objects.create_superuser(email, password, display_name="Administrator")
    click.echo(
        f"\nAn administrator was made. This is shown once:\n  e-mail    {email}\n  password  {password}\n"
        "Change the password after signing in, or with `careloop createadmin`.\n"
    )


def bring_up_to_date() -> None:
    """The database in the shape this version needs, and what ships loaded; safe at any time, also twice."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    with _one_at_a_time():
        call_command("migrate", interactive=False, verbosity=0)
        load_shipped()


def make_administrator(email: str, *, name: str, password: str) -> User:
    """Make an administrator, or give an existing person that role and a new password."""
    with write():
        user = User.objects.filter(email=email.lower()).first() or User(email=email.lower(), display_name=name)
        user.role, user.is_staff, user.is_superuser, user.is_active = Role.ADMIN, True, True, True
        user.set_password(password)
        user.save()
    return user


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """On PostgreSQL several machines may start at once; one prepares and the others wait."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])
