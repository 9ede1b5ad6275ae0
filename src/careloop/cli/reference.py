"""Prints what docs/settings.md is made of."""

import click

from careloop.common import env
from careloop.common.commands import start_django


@click.command()
def settings() -> None:
    """Print every setting as a Markdown table."""
    start_django()
    click.echo(env.reference(), nl=False)
