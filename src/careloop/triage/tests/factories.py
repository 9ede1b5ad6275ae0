"""Model versions made quickly, without a child process."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.utils import timezone

from careloop.triage.engine.choosing import Candidate
from careloop.triage.engine.comparing import Answers, compare
from careloop.triage.engine.examples import Examples
from careloop.triage.engine.linear import LinearModel, save
from careloop.triage.engine.spans import Block
from careloop.triage.engine.training import train
from careloop.triage.models import ModelComparison, ModelVersion, Origin
from careloop.triage.services import model_files
from careloop.triage.services.promoting import stand_as_challenger

GOODS = ("面霜", "精华", "口红", "面膜", "眼霜", "香水")
SAID = {"quality": "{}坏了裂了", "logistics": "{}的快递没收到"}


@cache
def small_model() -> LinearModel:
    """Tells broken goods from lost parcels, in a tenth of a second."""
    rows = [(text.format(thing), label) for label, text in SAID.items() for thing in GOODS]
    examples = Examples([text for text, _ in rows], [label for _, label in rows])
    return train(examples, "nature", candidate=Candidate((Block("char", 1, 2),)))


def model_file(folder: Path, version: str = "nature-1", head: str = "nature") -> Path:
    """The file of the small model under a name of its own."""
    model = small_model()
    path = folder / f"{version}.npz"
    folder.mkdir(parents=True, exist_ok=True)
    save(replace(model, info=replace(model.info, version=version, head=head)), path)
    return path


def version_of(name: str = "nature-1", head: str = "nature", **fields: Any) -> ModelVersion:
    """A challenger with its signed file and a comparison that it won."""
    with TemporaryDirectory() as folder:
        size = model_files.keep(name, model_file(Path(folder), name, head).read_bytes())
    values: dict[str, Any] = {
        "rows": 12, "rows_by_people": 12, "classes": {"quality": 6, "logistics": 6}, "candidate": "char 1-2, SVM C=1",
        "code_version": "0.1.0", "fingerprint": "0123456789abcdef", "origin": Origin.DESK, "trained_at": timezone.now(),
    }  # fmt: skip
    version = ModelVersion.objects.create(head=head, version=name, size_bytes=size, **{**values, **fields})
    report = won_comparison(head)
    ModelComparison.objects.create(
        challenger=version, at=timezone.now(), n=report["n"], verdict=report["verdict"], report=report
    )
    stand_as_challenger(version, by=None)
    return version


def won_comparison(head: str = "nature") -> dict[str, Any]:
    truth = ["quality", "logistics"] * 50
    champion = Answers(["quality"] * 100, [0.6] * 100)
    challenger = Answers(["quality", "logistics"] * 45 + ["quality"] * 10, [0.9] * 90 + [0.4] * 10)
    return compare(head, truth, champion, challenger) | {"from": "", "until": "", "by_people": 100}
