"""`careloop triage predict|train|evaluate`: no database, secret or network; JSON alone on standard output.

Exit 0 with an answer, 2 with one sentence on standard error when the input cannot be used.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from careloop.common.errors import CareloopError
from careloop.triage.encoder_cli import (
    encoder_commands,
    learn_and_save,
    load_model,
    opened,
    texts_of,
    with_encoder,
    with_unlabelled,
)
from careloop.triage.models_cli import models, train_from_database


@click.group()
def triage() -> None:
    """Understand messages: predict, train a model, evaluate it."""


triage.add_command(models)
triage.add_command(encoder_commands)


@triage.command()
@click.option("--text", required=True, help="The message. “-” reads it from standard input.")
@click.option("--model", "model_files", multiple=True, type=click.Path(path_type=Path), help="A trained model file.")
@click.option("--channel", default="", help="Where the message came in: email, phone, portal, public_comment, api …")
@with_encoder
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
def predict(text: str, model_files: tuple[Path, ...], channel: str, encoders: tuple[Path, ...], as_json: bool) -> None:
    """What a message is about, how grave it is, and whether it signals a crisis."""
    from careloop.triage.engine.classifier import classifier_from
    from careloop.triage.engine.heads import Context

    try:
        encoder = opened(encoders)
        models = [load_model(path, encoder) for path in model_files]
        message = sys.stdin.buffer.read().decode("utf-8", "replace") if text == "-" else text
        if not message.strip():
            raise _InputError("There is no message to understand: --text is empty.")
        heads = classifier_from(models).predict(message, Context(channel=channel))
    except CareloopError as error:
        _refuse(error)
    answer = {"heads": {name: result.as_dict() for name, result in heads.items()}}
    _print(answer if as_json else _readable(answer["heads"]))


@triage.command()
@click.option("--train", "train_file", type=click.Path(path_type=Path), help="CSV, TSV or JSONL, plain or .gz.")
@click.option("--text-column", default="", help="Column of the text; several, parted by commas, are joined.")
@click.option("--label-column", default="", help="Column of the label.")
@click.option("--head", default="", help="What the label says: nature, severity … (default: nature).")
@click.option("--recipe", default="default", help="default (chosen by cross-validation) or svm (nothing chosen).")
@click.option("--out", "out_file", required=False, type=click.Path(path_type=Path), help="Where to write the model.")
@with_encoder
@with_unlabelled
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
def train(
    train_file: Path | None,
    text_column: str,
    label_column: str,
    head: str,
    recipe: str,
    out_file: Path | None,
    encoders: tuple[Path, ...],
    unlabelled_file: Path | None,
    as_json: bool,
) -> None:
    """Learn a model from labelled rows; without --train from the labels in the database, which makes a version."""
    try:
        if train_file is None:
            train_from_database(head or "nature", as_json=as_json)
            return
        if out_file is None:
            raise _InputError("Say with --out where to write the model.")
        if not out_file.absolute().parent.is_dir():
            raise _InputError(f"There is no folder {out_file.absolute().parent} to write the model into.")
        examples = _examples(train_file, text_column, label_column)
        others = texts_of(unlabelled_file, text_column)
        model = learn_and_save(examples, head or _head_named(label_column), out_file, opened(encoders), recipe, others)
    except (CareloopError, OSError) as error:
        _refuse(error)
    about = {"model": str(out_file), "version": model.info.version, "rows": model.info.rows}
    about |= {"labels": len(model.labels), "candidate": model.info.candidate, "scores": model.info.scores}
    _print(about if as_json else _learned(about))


@triage.command()
@click.option(
    "--train", "train_file", required=True, type=click.Path(path_type=Path), help="Labelled rows to learn from."
)
@click.option("--test", "test_file", type=click.Path(path_type=Path), help="Rows to be judged on; else one in five.")
@click.option("--text-column", default="", help="Column of the text; several, parted by commas, are joined.")
@click.option("--label-column", default="", help="Column of the label.")
@click.option("--recipe", default="default", help="default, svm, forest (seed A: 100 trees, seed 42) or tree.")
@click.option("--page", "page_file", type=click.Path(path_type=Path), help="Also write a page with pictures.")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", help="Language of the page.")
@with_encoder
@with_unlabelled
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
def evaluate(
    *,
    train_file: Path,
    test_file: Path | None,
    text_column: str,
    label_column: str,
    recipe: str,
    page_file: Path | None,
    lang: str,
    encoders: tuple[Path, ...],
    unlabelled_file: Path | None,
    as_json: bool,
) -> None:
    """Learn from one file, predict the other (or one row in five of the same), and say how good that was."""
    from careloop.triage.engine.evaluation import evaluate as measure
    from careloop.triage.engine.evaluation import split
    from careloop.triage.engine.page import page

    try:
        rows = _examples(train_file, text_column, label_column)
        training, test = split(rows) if test_file is None else (rows, _examples(test_file, text_column, label_column))
        others = texts_of(unlabelled_file, text_column)
        report = measure(training, test, recipe=recipe, encoder=opened(encoders), unlabelled=others)
        if page_file is not None:
            page_file.write_text(page(report, lang), encoding="utf-8")
    except (CareloopError, OSError) as error:
        _refuse(error)
    _print(report if as_json else _summary(report))


class _InputError(CareloopError):
    def __init__(self, message: str) -> None:
        super().__init__("triage.input", message)


def _examples(path: Path, text_column: str, label_column: str) -> Any:
    from careloop.triage.engine.examples import read_examples

    return read_examples(path, text_column, label_column)


def _head_named(label_column: str) -> str:
    """Seed A's column names say which head they label; anything else is taken for the nature."""
    return {"投诉程度": "severity", "severity": "severity"}.get(label_column.strip(), "nature")


def _refuse(error: Exception) -> NoReturn:
    click.echo(str(error), err=True)
    raise SystemExit(2)


def _print(answer: object) -> None:
    text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False, indent=2)
    sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")


def _readable(heads: dict[str, dict[str, Any]]) -> str:
    lines = []
    for name, head in heads.items():
        label = ", ".join(head["labels"]) if "labels" in head else head["label"]
        lines.append(f"{name:15} {label or '-':20} {head['confidence']:.2f}  {'; '.join(head['reasons'])}")
    return "\n".join(lines)


def _learned(about: dict[str, Any]) -> str:
    lines = [
        f"model       {about['model']}, version {about['version']}",
        f"rows        {about['rows']}, {about['labels']} labels",
        f"chosen      {about['candidate']}",
    ]
    scores = about["scores"]
    if "accuracy" in scores:
        low, high = scores["accuracy_interval"]
        lines.append(f"accuracy    {scores['accuracy']:.4f}  (95 % {low:.4f} to {high:.4f}, n = {scores['n']})")
        lines.append(f"macro-F1    {scores['macro_f1']:.4f}")
        lines.append(f"measured by {scores['how']}")
    return "\n".join(lines)


def _summary(report: dict[str, Any]) -> str:
    low, high = report["accuracy_interval"]
    lines = [
        f"accuracy    {report['accuracy']:.4f}  (95 % {low:.4f} to {high:.4f}, n = {report['n_test']})",
        f"macro-F1    {report['macro_f1']:.4f}",
        f"majority    {report['baselines']['majority']['accuracy']:.4f}",
        f"keywords    {report['baselines']['keywords']['accuracy']:.4f}",
        f"calibration {report['calibration']['ece']:.4f} expected error, Brier {report['calibration']['brier']:.4f}",
        f"speed       {report['texts_per_second']:.0f} texts a second",
        f"model       {report['model']['candidate']}, {report['model']['megabytes']} MB",
    ]
    classes = [
        f"  {own['precision']:.3f} {own['recall']:.3f} {own['f1']:.3f} {own['support']:6d}  {label}"
        for label, own in report["per_class"].items()
    ]
    return "\n".join([*lines, "  precision, recall, F1, rows", *classes, *report["remarks"]])
