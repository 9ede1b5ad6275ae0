"""The second level of nature: which leaf of the chosen nature a message is about, by a few strong terms a leaf.

A taxonomy is a list of leaves, each under one nature, with names in both languages and terms that speak for it. The
packaged ones are `data/taxonomy/<sector>.yaml`; the desk keeps its own, edited one in the database and gives it here.
Nothing here needs a database.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from careloop.triage.engine.classifier import MODEL_SHARE, Classifier
from careloop.triage.engine.heads import NATURE, Context, HeadResult, Heads
from careloop.triage.engine.lexicon import Lexicon
from careloop.triage.engine.prepare import Prepared, prepare
from careloop.triage.engine.reading import read_rules

if TYPE_CHECKING:
    from careloop.triage.engine.hybrid import AnyModel

NATURE_DETAIL: Final = "nature_detail"
UNSPECIFIED: Final = "unspecified"
"""The leaf of every nature that says: no more is known."""
PACKS: Final = Path(__file__).parent / "data" / "taxonomy"
SECTORS: Final = ("retail", "banking", "telecom", "tourism")
DEFAULT_SECTORS: Final = ("retail",)

START_OF_UNSPECIFIED = 2.0  # a leaf needs a term of at least this weight to be likelier than "no more is known"
SHARPNESS = 0.7
REPEATED_TERM = 0.4  # a second term of the same leaf says less than the first
SHOWN_REASONS = 4
_MARKS = re.compile(r"[(|\[\\?+*.^$\])]")

Terms = Mapping[str, Sequence[tuple[str, float]]]  # language → terms with their weight


@dataclass(frozen=True, slots=True)
class Leaf:
    """One label of the second level."""

    key: str
    parent: str
    terms: Terms
    name: Mapping[str, str] = field(default_factory=dict)
    description: Mapping[str, str] = field(default_factory=dict)
    examples: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pack:
    """The shipped taxonomy of one sector."""

    sector: str
    version: int
    name: Mapping[str, str]
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True)
class Taxonomy:
    """Leaves by nature, ready to judge texts."""

    leaves: tuple[Leaf, ...]
    model: AnyModel | None = None

    @cached_property
    def by_nature(self) -> dict[str, list[Leaf]]:
        found: dict[str, list[Leaf]] = {}
        for leaf in self.leaves:
            found.setdefault(leaf.parent, []).append(leaf)
        return found

    @cached_property
    def version(self) -> str:
        told = repr([(leaf.key, leaf.parent, sorted(leaf.terms.items())) for leaf in self.leaves])
        return f"taxonomy-{hashlib.sha256(told.encode()).hexdigest()[:8]}"

    def judge(self, text: Prepared, nature: str) -> HeadResult | None:
        """The leaf under this nature, or "unspecified"; None where the nature has no leaves."""
        leaves = self.by_nature.get(nature)
        if not leaves:
            return None
        chances, reasons = self._by_terms(text, nature, leaves)
        result = _result(chances, reasons, "rules", self.version)
        return result if self.model is None else _with_model(result, self.model, text)

    def _by_terms(
        self, text: Prepared, nature: str, leaves: list[Leaf]
    ) -> tuple[dict[str, float], dict[str, list[str]]]:
        scores = {UNSPECIFIED: START_OF_UNSPECIFIED} | {leaf.key: 0.0 for leaf in leaves}
        reasons: dict[str, list[str]] = {}
        found = [cue for cue in self._lexicons[nature].find(text) if not cue.negated]
        for cue in sorted(found, key=lambda one: -one.weight):
            key = str(cue.key)
            told = reasons.setdefault(key, [])
            scores[key] += cue.weight * REPEATED_TERM ** min(len(told), 3)
            told.append(cue.words)
        highest = max(scores.values())
        raised = {key: math.exp(SHARPNESS * (score - highest)) for key, score in scores.items()}
        total = sum(raised.values())
        return {key: value / total for key, value in raised.items()}, reasons

    @cached_property
    def _lexicons(self) -> dict[str, Lexicon]:
        return {nature: _lexicon(leaves) for nature, leaves in self.by_nature.items()}


@dataclass(frozen=True, slots=True)
class DetailedClassifier:
    """A classifier with the second level of nature beside its heads; never raises where the first does not."""

    inner: Classifier
    taxonomy: Taxonomy

    def predict(self, text: str, context: Context | None = None) -> Heads:
        """Every head of one message, and the leaf of its nature where the nature has leaves."""
        return self.predict_many([text], [context])[0]

    def predict_many(self, texts: Sequence[str], contexts: Sequence[Context | None] | None = None) -> list[Heads]:
        """The same of each message."""
        answers = self.inner.predict_many(texts, contexts)
        for text, heads in zip(texts, answers, strict=True):
            detail = self.taxonomy.judge(prepare(text), heads[NATURE].label)
            heads.pop(NATURE_DETAIL, None)
            if detail is not None:
                heads[NATURE_DETAIL] = detail
        return answers


@cache
def packaged_pack(sector: str) -> Pack:
    """The shipped pack of a sector; raises KeyError for one that does not ship."""
    if sector not in SECTORS:
        raise KeyError(sector)
    raw = read_rules((PACKS / f"{sector}.yaml").read_text(encoding="utf-8"))
    return Pack(raw["sector"], int(raw["version"]), raw["name"], tuple(_leaf(each) for each in raw["labels"]))


@cache
def packaged_taxonomy(sectors: tuple[str, ...] = DEFAULT_SECTORS) -> Taxonomy:
    """The shipped packs of these sectors together: what counts where nobody has edited anything."""
    return Taxonomy(tuple(leaf for sector in sectors for leaf in packaged_pack(sector).leaves))


def _leaf(raw: Mapping[str, Any]) -> Leaf:
    terms = {
        language: tuple((str(term), float(weight)) for weight, terms in weights.items() for term in terms)
        for language, weights in raw["terms"].items()
    }
    return Leaf(raw["key"], raw["parent"], terms, raw["name"], raw["description"], raw["examples"])


def _lexicon(leaves: Iterable[Leaf]) -> Lexicon:
    """Terms are words, never patterns: people type them, and one bad pattern would hold up every message."""
    lexicon = Lexicon()
    for leaf in leaves:
        for terms in leaf.terms.values():
            for term, weight in terms:
                lexicon.add(re.escape(term) if _MARKS.search(term) else term, leaf.key, weight)
    return lexicon


def _result(chances: dict[str, float], reasons: dict[str, list[str]], source: str, version: str) -> HeadResult:
    ranked = tuple(sorted(chances.items(), key=lambda pair: -pair[1]))
    label, confidence = ranked[0]
    return HeadResult(
        label, confidence, tuple(dict.fromkeys(reasons.get(label, ())))[:SHOWN_REASONS], ranked, source, version
    )


def _with_model(by_terms: HeadResult, model: AnyModel, text: Prepared) -> HeadResult:
    """The mean of both over the leaves of the chosen nature; a model that knows none of them is not asked."""
    ruled = dict(by_terms.ranked)
    told = dict(zip(model.labels, model.probabilities([text.plain])[0].tolist(), strict=True))
    known = {key: told[key] for key in ruled if key in told}
    total = sum(known.values())
    if not total:
        return by_terms
    mean = {key: MODEL_SHARE * known.get(key, 0.0) / total + (1 - MODEL_SHARE) * p for key, p in ruled.items()}
    label = max(mean, key=mean.__getitem__)
    words = list(model.reasons(text.plain, label)) if label in model.labels else []
    earlier = list(by_terms.reasons) if label == by_terms.label else []
    result = _result(mean, {label: words + earlier}, model.source, model.info.version)
    return replace(result, doubted="" if label == by_terms.label else by_terms.label)
