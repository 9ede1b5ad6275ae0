"""The table of commands, and the page of settings made from the readers."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

from careloop.cli.reference import page
from careloop.cli.table import COMMANDS

REPOSITORY = Path(__file__).resolve().parents[4]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_exists_and_has_its_sentence(name: str) -> None:
    module, _, attribute = COMMANDS[name].target.partition(":")
    command = getattr(import_module(module), attribute)
    assert isinstance(command, click.Command)
    assert command.help
    assert COMMANDS[name].sentence[0].isupper()
    assert COMMANDS[name].sentence.endswith((".", ")."))


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_help_names_every_command_without_importing_django() -> None:
    printed = python(
        "import sys\n"
        "from careloop.cli.main import careloop\n"
        "try: careloop(['--help'])\n"
        "except SystemExit: pass\n"
        "print('django imported:', 'django' in sys.modules)"
    )
    assert "django imported: False" in printed
    for name in COMMANDS:
        assert name in printed


def test_the_supervisor_does_not_import_django() -> None:
    printed = python(
        "import sys, careloop.cli.serve\nprint([name for name in sys.modules if name.startswith('django')])"
    )
    assert printed.strip() == "[]"


def test_an_unknown_command_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "careloop.cli", "dance"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert done.stderr == "No such command 'dance'. `careloop --help` shows how it is called.\n"


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (("triage", "predict"), "careloop triage predict"),
        (("triage", "predict", "--nosuch"), "careloop triage predict"),
        (("import", "--nosuch"), "careloop import"),
    ],
)
def test_words_that_are_off_get_one_sentence(words: tuple[str, ...], command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "careloop.cli", *words], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.endswith(f"`{command} --help` shows how it is called.\n")


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("triage", "train", "--help")])
def test_being_asked_how_it_is_called_is_no_failure(words: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "careloop.cli", *words], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_the_page_of_settings_is_up_to_date() -> None:
    written = (REPOSITORY / "docs" / "settings.md").read_text()
    assert written == page(), "Run: careloop settings > docs/settings.md"
