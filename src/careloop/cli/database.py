"""Commands on the database itself. Beside a running desk they queue at the same write lock."""

import click

from careloop.common.commands import start_django


@click.command()
@click.option("-c", "--command", help="Python to run instead of opening a prompt.")
def shell(command: str | None) -> None:
    """Open a Python shell with everything loaded."""
    start_django()
    from django.core.management import call_command

    call_command("shell", command=command, verbosity=0 if command else 1)
