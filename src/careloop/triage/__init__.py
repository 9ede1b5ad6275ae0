"""Understanding messages: what they are about, how grave they are, whether somebody is in danger.

In Python and Jupyter, without the web part and without Django:

    from careloop.triage import explain, read, train, evaluate, predict
    model = train(read("complaints.csv", "投诉内容", "投诉程度"), "severity")
    predict(model, ["我购买的产品出现了质量问题，无法正常使用。"])

`docs/notebooks/triage.ipynb` is a worked example. The names below are loaded when they are asked for, so that the desk,
for which this is one room among others, starts without them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from careloop.triage.engine.classifier import understand
    from careloop.triage.engine.evaluation import evaluate, judge
    from careloop.triage.engine.examples import Examples
    from careloop.triage.engine.heads import Context
    from careloop.triage.engine.linear import LinearModel, load, save
    from careloop.triage.engine.tabular import explain, predict, read
    from careloop.triage.engine.training import train

__all__ = [
    "Context", "Examples", "LinearModel", "evaluate", "explain", "judge", "load", "predict", "read", "save", "train",
    "understand",
]  # fmt: skip

_WHERE = {
    "Context": "heads", "Examples": "examples", "LinearModel": "linear", "evaluate": "evaluation",
    "explain": "tabular", "judge": "evaluation", "load": "linear", "predict": "tabular", "read": "tabular",
    "save": "linear", "train": "training", "understand": "classifier",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.engine.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
