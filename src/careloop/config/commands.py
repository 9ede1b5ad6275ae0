"""``careloop migrate`` and ``careloop createadmin``."""

from __future__ import annotations

import secrets

import click

from careloop.common.commands import BadInput, start_django

PASSWORD_BYTES = 12


@click.command()
def migrate() -> None:
    """Bring the database to the shape this version needs and load what ships. Safe at any time, also twice."""
    start_django()
    from careloop.config.first_start import bring_up_to_date

    bring_up_to_date()
    click.echo("The database is ready.")


@click.command()
@click.option("--email", prompt="E-mail", help="The address the administrator signs in with.")
@click.option("--name", default="Administrator", help="The name that colleagues see.")
@click.option("--random-password", is_flag=True, help="Make a password and print it instead of asking for one.")
def createadmin(email: str, name: str, random_password: bool) -> None:
    """Make an administrator, or give an existing person that role and a new password."""
    start_django()
    from careloop.config.first_start import make_administrator

    password = secrets.token_urlsafe(PASSWORD_BYTES) if random_password else _asked_password()
    make_administrator(email, name=name, password=password)
    click.echo(f"{email} is an administrator." + (f" The password is {password}" if random_password else ""))


def _asked_password() -> str:
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    try:
        validate_password(password)
    except ValidationError as error:
        raise BadInput(" ".join(error.messages)) from None
    return password
