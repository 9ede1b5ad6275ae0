"""The `careloop` command: finds a command in the table and imports only that one."""

import sys
from importlib import import_module

import click

from careloop.cli.table import COMMANDS
from careloop.common.env import SettingError

EXIT_BAD_INPUT = 2


class Table(click.Group):
    """A click group whose commands are imported when they are run; `--help` imports none."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry.target.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.sentence) for name, entry in COMMANDS.items()])


@click.group(cls=Table, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="careloop")
def careloop() -> None:
    """Careloop, the customer-care desk that closes the loop."""


def main() -> None:
    """Run a command; a wrong setting ends it with its name and exit code 2."""
    try:
        careloop(prog_name="careloop")
    except SettingError as error:
        click.echo(f"careloop: {error}", err=True)
        sys.exit(EXIT_BAD_INPUT)
