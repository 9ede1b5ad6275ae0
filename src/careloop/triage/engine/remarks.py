"""What a reader should know before believing the figures of an evaluation, as data and in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from careloop.triage.engine.examples import Examples, distinct_positions

UNEVEN = 10
TINY = 5
LABELS_NAMED = 10

Remark = dict[str, Any]  # its code, and the values that its sentence names

SENTENCES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "test_texts_seen": "{count} of {of} test texts also occur in the training file.",
        "doubles": "{count} of {of} training texts occur more than once; doubles shared a fold.",
        "unknown_labels": "Labels of the test file that the training file does not have: {labels}.",
        "uneven": (
            "“{most}” has {most_rows} training rows and “{least}” {least_rows};"
            " look at macro-F1, not at accuracy alone."
        ),
        "torn": "{count} training texts occur with more than one label.",
        "tiny_labels": "{count} labels have fewer than {fewer_than} training rows.",
        "training_rows_left_out": "{count} rows of the training file lacked a text or a label and were left out.",
        "test_rows_left_out": "{count} rows of the test file lacked a text or a label and were left out.",
        "unlabelled_left_out": "{count} unlabelled texts also occur in the test file and were left out.",
    },
    "zh": {
        "test_texts_seen": "检验用的 {of} 条文本中有 {count} 条也出现在训练文件里。",
        "doubles": "训练用的 {of} 条文本中有 {count} 条是重复的；交叉验证时相同的文本总在同一折。",
        "unknown_labels": "检验文件里有训练文件没有的类别：{labels}。",
        "uneven": "“{most}”有 {most_rows} 行训练数据，“{least}”只有 {least_rows} 行；不要只看准确率，也要看宏平均 F1。",
        "torn": "有 {count} 条训练文本同时带有不止一种类别。",
        "tiny_labels": "有 {count} 个类别的训练数据不足 {fewer_than} 行。",
        "training_rows_left_out": "训练文件中有 {count} 行缺少文本或类别，没有采用。",
        "test_rows_left_out": "检验文件中有 {count} 行缺少文本或类别，没有采用。",
        "unlabelled_left_out": "有 {count} 条未标注文本也出现在检验文件里，没有采用。",
    },
}


def remarks_on(training: Examples, test: Examples, unlabelled_left_out: int = 0) -> list[Remark]:
    """What is odd about these two files, and how many texts without labels stood in the second; codes and values."""
    seen = {plain(text) for text in training.texts}
    unknown = sorted(set(test.labels) - set(training.labels))
    counted = {
        "test_texts_seen": (sum(plain(text) in seen for text in test.texts), len(test)),
        "doubles": (len(training) - len(set(distinct_positions(training.texts))), len(training)),
    }
    found: list[Remark] = [{"code": code, "count": n, "of": of} for code, (n, of) in counted.items() if n]
    if unknown:
        found.append({"code": "unknown_labels", "labels": ", ".join(unknown[:LABELS_NAMED])})
    return [*found, *_uneven(training), *_left_out(training, test, unlabelled_left_out)]


def said(remark: Remark, language: str) -> str:
    """The remark as a sentence in "en" or "zh"."""
    return SENTENCES[language][remark["code"]].format(**remark)


def plain(text: str) -> str:
    """The text as it is compared with others: in small letters, white space as single spaces."""
    return " ".join(text.lower().split())


def _uneven(training: Examples) -> list[Remark]:
    found: list[Remark] = []
    (most, most_rows), *_, (least, least_rows) = training.counts.most_common()
    if most_rows >= UNEVEN * least_rows:
        named = {"most": most, "most_rows": most_rows, "least": least, "least_rows": least_rows}
        found.append({"code": "uneven"} | named)
    labels: dict[int, set[str]] = {}
    for first, label in zip(distinct_positions(training.texts), training.labels, strict=True):
        labels.setdefault(first, set()).add(label)
    if torn := sum(len(own) > 1 for own in labels.values()):
        found.append({"code": "torn", "count": torn})
    if tiny := sum(rows < TINY for rows in training.counts.values()):
        found.append({"code": "tiny_labels", "count": tiny, "fewer_than": TINY})
    return found


def _left_out(training: Examples, test: Examples, unlabelled: int) -> list[Remark]:
    skipped = {"training_rows_left_out": training.skipped, "test_rows_left_out": test.skipped}
    skipped["unlabelled_left_out"] = unlabelled
    return [{"code": code, "count": count} for code, count in skipped.items() if count]
