"""``careloop demo load``: the demo company on this database."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
from django.conf import settings

from careloop.common.commands import start_django

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

    from careloop.demo.staging.cast import SignIn
    from careloop.demo.staging.loading import Loaded


@click.group()
def demo() -> None:
    """A believable company to look around in."""


@demo.command()
@click.option("--reset", is_flag=True, help="Delete the demo first; refused when anything else is in the database.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
def load(reset: bool, quiet: bool) -> None:
    """Load the demo company: people, customers and three months of conversations. Safe to run twice."""
    start_django()
    from careloop.common.errors import CareloopError
    from careloop.demo import sign_ins

    try:
        if reset:
            _reset()
        loaded = _load(quiet)
    except CareloopError as error:
        raise click.ClickException(str(error)) from error
    if loaded.sign_ins:
        sign_ins.remember(settings.DATA_DIR, loaded.sign_ins)
    fact = "The demo is loaded" if loaded.is_new else "The demo is loaded already"
    click.echo(f"{fact}: {loaded.conversations} conversations.")
    _tell_addresses(loaded.sign_ins or sign_ins.remembered(settings.DATA_DIR))


def _reset() -> None:
    from careloop.demo import sign_ins
    from careloop.demo.staging.resetting import reset

    count = reset()
    sign_ins.forget(settings.DATA_DIR)
    click.echo(f"The demo was deleted: {count} conversations.")


def _load(quiet: bool) -> Loaded:
    from careloop.demo.staging.loading import load as load_demo

    if quiet:
        return load_demo()
    label = "Loading the demo company"
    bar: ProgressBar[int] = click.progressbar(length=1, label=label, file=sys.stderr)
    with bar:

        def show(done: int, count: int) -> None:
            bar.length = count
            bar.update(done - bar.pos)

        return load_demo(on_progress=show)


def _tell_addresses(known: Sequence[SignIn]) -> None:
    click.echo(f"\n  Desk     {settings.CARELOOP_PUBLIC_URL}/\n  Portal   {settings.CARELOOP_PUBLIC_URL}/portal/\n")
    if not known:
        click.echo("The passwords are not kept on this machine; `careloop demo load --reset` makes new ones.")
    for each in known:
        click.echo(f"  {each.role:<6} {each.email:<26} {each.password:<14} {each.name}")
