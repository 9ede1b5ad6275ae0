"""The desk works with no encoder, with one that cannot be used, and with a model that was trained with another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from careloop.common.models import Event
from careloop.search.vectors import vectors_of
from careloop.triage.engine import hybrid
from careloop.triage.engine.classifier import classifier_from
from careloop.triage.engine.encoder.encoder import JoinedEncoder, encoder_of_environment, folders_of
from careloop.triage.engine.examples import Examples
from careloop.triage.engine.hybrid import HybridModel
from careloop.triage.engine.linear import LinearModel
from careloop.triage.engine.training import train_with
from careloop.triage.services import encoder_in_use as in_use
from careloop.triage.services import model_files
from careloop.triage.tests.encoder_helpers import MadeUpEncoder

TOPICS = (("坏", "裂"), ("快递", "物流"))


@pytest.fixture
def anew() -> Iterator[None]:
    in_use._opened.cache_clear()
    yield
    in_use._opened.cache_clear()


@pytest.fixture
def encoder() -> MadeUpEncoder:
    return MadeUpEncoder(TOPICS)


@pytest.fixture
def version(encoder: MadeUpEncoder, tmp_path: Path, settings: Any) -> str:
    """A hybrid of the nature head, kept and signed by this installation."""
    settings.CARELOOP_MODELS_DIR = tmp_path
    rows = [
        (f"{thing}{words}", label)
        for thing in "杯盘碗瓶"
        for words, label in (("坏了", "quality"), ("快递慢", "logistics"))
    ]
    model = train_with(Examples([text for text, _ in rows], [label for _, label in rows]), "nature", encoder)
    hybrid.save(model, tmp_path / "made.npz")
    model_files.keep(model.info.version, (tmp_path / "made.npz").read_bytes())
    return model.info.version


@pytest.mark.offline
def test_a_setting_names_several_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    assert folders_of("") == []
    assert folders_of("/a: /b :") == [Path("/a"), Path("/b")]
    monkeypatch.setenv("CARELOOP_ENCODER", "")
    assert encoder_of_environment() is None


def test_without_a_setting_there_is_no_encoder(settings: Any, anew: None) -> None:
    settings.CARELOOP_ENCODER = ""
    assert in_use.encoder_in_use() is None


@pytest.mark.django_db
def test_an_encoder_that_cannot_be_used_is_recorded_once(settings: Any, tmp_path: Path, anew: None) -> None:
    settings.CARELOOP_ENCODER = str(tmp_path / "none")
    assert in_use.encoder_in_use() is None
    assert in_use.encoder_in_use() is None
    recorded = Event.objects.filter(name="triage.model_failed")
    assert ["careloop triage encoder prepare" in one.data["reason"] for one in recorded] == [True]


def test_a_model_answers_with_its_encoder(
    version: str, encoder: MadeUpEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_files, "encoder_in_use", lambda: encoder)
    model = model_files.read_model(version)
    assert isinstance(model, HybridModel)
    heads = classifier_from([model]).predict("屏幕裂了")
    assert heads["nature"].label == "quality"
    assert (heads["nature"].source, heads["nature"].version) == ("hybrid", version)


def test_a_model_answers_by_its_words_without_it(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_files, "encoder_in_use", lambda: None)
    model = model_files.read_model(version)
    assert isinstance(model, LinearModel)
    nature = classifier_from([model]).predict("碗坏了")["nature"]
    assert (nature.label, nature.source) == ("quality", "linear")


AS_SET = "careloop.triage.services.encoder_in_use.vectors_in_use"


def test_a_search_asks_the_encoder_in_use(
    encoder: MadeUpEncoder, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CARELOOP_VECTORS = AS_SET
    monkeypatch.setattr(in_use, "encoder_in_use", lambda: encoder)
    found = vectors_of(["屏幕坏了", ""])
    assert found is not None
    assert np.allclose(np.linalg.norm(found, axis=1), [1, 0])
    monkeypatch.setattr(in_use, "encoder_in_use", lambda: None)
    assert vectors_of(["屏幕坏了"]) is None


def test_what_an_encoder_cannot_read_is_like_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    english = MadeUpEncoder([["a", "了"], ["b"]], ("en",))
    monkeypatch.setattr(in_use, "encoder_in_use", lambda: english)
    found = in_use.vectors_in_use(["我的订单到了", "where is a parcel", "我的 parcel 到了吗"])
    assert found is not None
    assert found.any(axis=1).tolist() == [False, True, False]


def test_a_search_takes_the_encoder_that_reads_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    english, both = MadeUpEncoder([["a"]], ("en",)), MadeUpEncoder([["了"], ["a"]])
    monkeypatch.setattr(in_use, "encoder_in_use", lambda: JoinedEncoder((english, both)))
    found = in_use.vectors_in_use(["到了", "a parcel"])
    assert found is not None
    assert found.tolist() == [[1, 0], [0, 1]]
