"""A model learned from one's own table of customers, as plain arrays: a line and a few small trees, blended.

The line sees numbers, numbers in ranges, and choices; the trees see numbers and choices together. Predicting needs
numpy alone. A file (npz) holds arrays and a JSON description, nothing that can run code and no customer's row.
"""

from __future__ import annotations

import json
import math
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from careloop.customers.engine.errors import UnreadableTable
from careloop.customers.engine.histories import Numbers

FORMAT = "careloop-customers"
FORMAT_VERSION = 2
LEAF = -1

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table: numbers (with their mean, spread and range borders) or choices."""

    name: str
    choices: tuple[str, ...] = ()
    mean: float = 0.0
    spread: float = 1.0
    borders: tuple[float, ...] = ()

    @property
    def is_number(self) -> bool:
        return not self.choices

    @property
    def plain_width(self) -> int:
        """How many features the trees and the line share: the number and whether it is missing, or each choice."""
        return 2 if self.is_number else len(self.choices)

    @property
    def range_width(self) -> int:
        return len(self.borders) + 1 if self.borders else 0

    def plain(self, values: Sequence[object]) -> Numbers:
        """One row a customer. An unknown choice is none of the known; a missing number is the mean, and said."""
        if not self.is_number:
            told = np.array([as_choice(value) for value in values], dtype=object)
            return np.stack([told == choice for choice in self.choices], axis=1).astype(float)
        numbers = as_numbers(values)
        missing = np.isnan(numbers)
        scaled = (np.where(missing, self.mean, numbers) - self.mean) / self.spread
        return np.stack([scaled, missing.astype(float)], axis=1)

    def ranges(self, values: Sequence[object]) -> Numbers:
        """In which range of a number each customer lies; nothing for choices, and for numbers that are not cut."""
        if not self.borders:
            return np.zeros((len(values), 0))
        numbers = as_numbers(values)
        within = np.searchsorted(self.borders, np.where(np.isnan(numbers), self.mean, numbers), side="right")
        return np.eye(self.range_width)[within]


@dataclass(frozen=True, slots=True)
class Trees:
    """Small trees side by side, one row a tree: where a node looks, the border, its children, what it says."""

    feature: npt.NDArray[np.int16]  # LEAF where the tree ends
    border: Numbers
    left: npt.NDArray[np.int16]
    right: npt.NDArray[np.int16]
    value: Numbers  # of every node, so that the way down tells what each step changed

    def pushes(self, features: Numbers) -> Numbers:
        """Per row and feature, what the steps on it changed; the sum over features and `start` is the score."""
        told = np.zeros_like(features)
        rows = np.arange(len(features))
        for tree in range(len(self.feature)):
            node = np.zeros(len(features), dtype=np.int64)
            while True:
                at = self.feature[tree, node]
                inner = at != LEAF
                if not inner.any():
                    break
                goes_left = np.float32(features[rows, np.maximum(at, 0)]) <= self.border[tree, node]
                child = np.where(goes_left, self.left[tree, node], self.right[tree, node])
                step = np.where(inner, child, node)
                told[rows, np.maximum(at, 0)] += self.value[tree, step] - self.value[tree, node]
                node = step
        return told

    @property
    def start(self) -> float:
        """What the trees say before they look at anything."""
        return float(self.value[:, 0].sum()) if len(self.value) else 0.0


NO_TREES = Trees(*(np.zeros((0, 1), dtype) for dtype in (np.int16, float, np.int16, np.int16, float)))


@dataclass(frozen=True, slots=True)
class Reason:
    """A column, what the customer has there, and what it adds to the logarithm of the odds against the average."""

    column: str
    value: str
    push: float


@dataclass(frozen=True, slots=True)
class CustomerModel:
    """What was learned. `about` says from which rows, when, and how good it was on rows held out."""

    columns: tuple[Column, ...]
    weights: Numbers  # of the line: plain features of all columns, then ranges of all columns
    centre: Numbers  # the mean of each feature, so that a push is against the average customer
    intercept: float
    trees: Trees
    slope: float  # makes the chances as true as they were on rows held out
    shift: float
    about: dict[str, Any] = field(default_factory=dict)

    def chances(self, rows: Sequence[Row]) -> Numbers:
        """Between 0 and 1 for each row; columns the row lacks count as unknown."""
        if not rows:
            return np.zeros(0)
        return np.asarray(expit(self.slope * self.scores(rows) + self.shift))

    def scores(self, rows: Sequence[Row]) -> Numbers:
        """Logarithms of odds before calibration: the sum of line and trees, each by its share."""
        by_line, by_trees = self._pushes(rows)
        line = by_line.sum(axis=1) + self.intercept
        return np.asarray(line + by_trees.sum(axis=1) + self.trees.start)

    def reasons(self, row: Row, limit: int = 3) -> list[Reason]:
        """The columns that moved this customer farthest from the average, in either direction, farthest first."""
        by_line, by_trees = self._pushes([row])
        push = self._by_column(by_line, by_trees)[0] * self.slope
        order = np.argsort(-np.abs(push))[:limit]
        names = [self.columns[at].name for at in order]
        return [
            Reason(name, as_choice(row.get(name)), round(float(push[at]), 4))
            for name, at in zip(names, order, strict=True)
        ]

    def _pushes(self, rows: Sequence[Row]) -> tuple[Numbers, Numbers]:
        plain, ranges = encode(self.columns, rows)
        features = np.hstack([plain, ranges])
        return (features - self.centre) * self.weights, self.trees.pushes(plain)

    def _by_column(self, by_line: Numbers, by_trees: Numbers) -> Numbers:
        widths = [column.plain_width for column in self.columns]
        ranges = [column.range_width for column in self.columns]
        owner = np.repeat(np.arange(len(widths)), widths)
        range_owner = np.repeat(np.arange(len(ranges)), ranges)
        told = np.zeros((len(by_line), len(widths)))
        np.add.at(told.T, np.concatenate([owner, range_owner]), by_line.T)
        np.add.at(told.T, owner, by_trees.T)
        return told


def encode(columns: Sequence[Column], rows: Sequence[Row]) -> tuple[Numbers, Numbers]:
    """The plain features of all columns, and the ranges of all columns; one row a customer."""
    values = [[row.get(column.name) for row in rows] for column in columns]
    plain = np.hstack([column.plain(own) for column, own in zip(columns, values, strict=True)])
    ranges = np.hstack([column.ranges(own) for column, own in zip(columns, values, strict=True)])
    return plain, ranges


def as_choice(value: object) -> str:
    """As it is compared and shown; nothing and blank are one choice."""
    return "" if value is None else str(value).strip()


def as_numbers(values: Sequence[object]) -> Numbers:
    """NaN where there is no finite number."""
    return np.array([_number(value) for value in values], dtype=float)


def _number(value: object) -> float:
    try:
        found = float(str(value))
    except ValueError:
        return math.nan
    return found if math.isfinite(found) else math.nan


def save(model: CustomerModel, path: Path) -> None:
    """Writes the file beside its place and renames it, so that no reader sees half of it."""
    description = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "columns": [asdict(column) for column in model.columns],
        "intercept": model.intercept,
        "slope": model.slope,
        "shift": model.shift,
        "about": model.about,
    }
    arrays: dict[str, Any] = {
        "description": np.frombuffer(json.dumps(description, ensure_ascii=False).encode(), dtype=np.uint8),
        "weights": model.weights,
        "centre": model.centre,
        **{f"tree_{name}": getattr(model.trees, name) for name in Trees.__slots__},
    }
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("wb") as stream:
        np.savez_compressed(stream, **arrays)
    unfinished.replace(path)


def load(path: Path) -> CustomerModel:
    """The model of a file. Raises UnreadableTable with a sentence when it is none, damaged, or of another version."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return _from_arrays({name: arrays[name] for name in arrays.files}, path)
    except OSError as error:
        raise UnreadableTable(f"The model {path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        if isinstance(error, UnreadableTable):
            raise
        raise UnreadableTable(f"{path} is no model of customers, or it is damaged; learn it again.") from error


def _from_arrays(arrays: dict[str, npt.NDArray[Any]], path: Path) -> CustomerModel:
    said = json.loads(arrays["description"].tobytes())
    if said["format"] != FORMAT or said["format_version"] != FORMAT_VERSION:
        raise UnreadableTable(
            f"{path} is of another format ({said['format']} {said['format_version']}); learn it again."
        )
    columns = tuple(
        Column(**(one | {"choices": tuple(one["choices"]), "borders": tuple(one["borders"])}))
        for one in said["columns"]
    )
    trees = Trees(**{name: arrays[f"tree_{name}"] for name in Trees.__slots__})
    width = sum(column.plain_width + column.range_width for column in columns)
    if arrays["weights"].shape != (width,) or arrays["centre"].shape != (width,):
        raise ValueError("weights and columns do not belong together")
    return CustomerModel(
        columns, arrays["weights"], arrays["centre"], said["intercept"], trees, said["slope"], said["shift"],
        said["about"],
    )  # fmt: skip
