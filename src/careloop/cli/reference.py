"""Writes docs/settings.md from the sentences of the readers: `careloop settings > docs/settings.md`."""

import click

from careloop.common import env, serving
from careloop.common.commands import start_django

INTRODUCTION = """\
# Settings

Careloop is configured by environment variables. A wrong value stops the start with the name of the setting.
Everything has a default that is safe on one machine; there is no default password and no default key.
A duration is written `30s`, `5m`, `2h` or `1d`, a size `25MiB`. This page is made by `careloop settings`.

"""


@click.command()
def settings() -> None:
    """Print every setting, its default and what it does, as docs/settings.md."""
    start_django()
    click.echo(page(), nl=False)


def page() -> str:
    """The whole page. Django's settings are read already; the serving processes have some of their own."""
    serving.read()
    return INTRODUCTION + env.reference()
