"""The `careloop` command: finds a command in the table and imports only that one."""

import sys
from importlib import import_module

import click

from careloop.cli.table import COMMANDS
from careloop.common.env import SettingError

EXIT_STOPPED = 1
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
    """Run a command; bad input ends it with one sentence, a wrong setting with its name, both with exit code 2."""
    try:
        code = careloop(prog_name="careloop", standalone_mode=False)
    except click.ClickException as error:
        click.echo(_sentence(error), err=True)
        code = error.exit_code
    except click.Abort:
        click.echo("Stopped.", err=True)
        code = EXIT_STOPPED
    except SettingError as error:
        click.echo(f"careloop: {error}", err=True)
        code = EXIT_BAD_INPUT
    sys.exit(code if isinstance(code, int) else 0)


def _sentence(error: click.ClickException) -> str:
    """What was wrong, and for a call whose words are off where its words are shown."""
    message = error.format_message()
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is None or isinstance(error, click.exceptions.NoArgsIsHelpError):
        return message
    sentence = " ".join(message.split()).rstrip(".") + "."
    return f"{sentence} `{context.command_path} --help` shows how it is called."
