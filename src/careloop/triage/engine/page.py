"""The report of an evaluation as one self-contained page with pictures drawn by us, in Chinese or English."""

from __future__ import annotations

from html import escape
from typing import Any

WORDS = {
    "en": {
        "title": "How well it understands",
        "accuracy": "Accuracy",
        "macro_f1": "Macro-F1",
        "interval": "95 %: {low:.1%} to {high:.1%}",
        "rows": "{n_train} rows learned from, {n_test} judged on",
        "majority": "Always the commonest label",
        "keywords": "Keywords",
        "ours": "This model",
        "per_class": "Each label: F1, with precision, recall and rows",
        "confusion": "What is taken for what",
        "confusion_note": "A row is the true label, a column the predicted one; darker means more of the row.",
        "reliability": "How sure against how often right",
        "reliability_note": "On the line, confidence is honest. Expected error {ece:.3f}, Brier score {brier:.3f}.",
        "model": "The model",
        "model_note": "{candidate}; {features} features, {megabytes} MB, {speed:.0f} texts a second.",
        "remarks": "Before you believe it",
    },
    "zh": {
        "title": "理解得有多准",
        "accuracy": "准确率",
        "macro_f1": "宏平均 F1",
        "interval": "95 % 区间：{low:.1%} 至 {high:.1%}",
        "rows": "用 {n_train} 行学习，用 {n_test} 行检验",
        "majority": "总猜最常见的类别",
        "keywords": "关键词",
        "ours": "本模型",
        "per_class": "各类别的 F1，附精确率、召回率和行数",
        "confusion": "哪些类别被认错",
        "confusion_note": "每行是真实类别，每列是预测类别；颜色越深，占该行的比例越大。",
        "reliability": "把握有多大，对得有多少",
        "reliability_note": "落在线上，把握就是诚实的。期望校准误差 {ece:.3f}，Brier 分数 {brier:.3f}。",
        "model": "模型",
        "model_note": "{candidate}；{features} 个特征，{megabytes} MB，每秒 {speed:.0f} 条。",
        "remarks": "采信之前请看",
    },
}
LANGUAGES = tuple(WORDS)
STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b2733;background:#fff}
h1,h2{line-height:1.2}h2{margin-top:2.5rem}.note{color:#55626f}.figure{font-size:2rem;font-weight:600}
.figures{display:flex;gap:3rem;flex-wrap:wrap}svg{max-width:100%;height:auto}text{font:13px system-ui,sans-serif}
"""
INK, PALE, BLUE = "#1b2733", "#dfe6ee", "#1f6feb"
LINE_HEIGHT = 22


def page(report: dict[str, Any], language: str = "en") -> str:
    """A whole HTML document that needs nothing beside it; every word of the data is escaped."""
    words = WORDS[language]
    about = report["model"] | {"speed": report["texts_per_second"]}
    parts = [
        f"<h1>{words['title']}</h1><p class=note>{words['rows'].format(**report)}</p>",
        f"<div class=figures>{_figure(report, 'accuracy', words)}{_figure(report, 'macro_f1', words)}</div>",
        _bars([(words[name], value) for name, value in _compared(report)]),
        f"<h2>{words['per_class']}</h2>{_classes(report['per_class'])}",
        f"<h2>{words['confusion']}</h2>{_confusion(report['confusion'])}<p class=note>{words['confusion_note']}</p>",
        f"<h2>{words['reliability']}</h2>{_reliability(report['reliability'])}",
        f"<p class=note>{words['reliability_note'].format(**report['calibration'])}</p>",
        f"<h2>{words['model']}</h2><p>{escape(words['model_note'].format(**about))}</p>",
    ]
    if report["remarks"]:
        said = "".join(f"<li>{escape(remark)}</li>" for remark in report["remarks"])
        parts.append(f"<h2>{words['remarks']}</h2><ul lang=en>{said}</ul>")
    head = f"<meta charset=utf-8><title>{words['title']}</title><style>{STYLE}</style>"
    return f"<!doctype html><html lang={language}><head>{head}</head><body>{''.join(parts)}</body></html>\n"


def _figure(report: dict[str, Any], name: str, words: dict[str, str]) -> str:
    low, high = report[f"{name}_interval"]
    said = words["interval"].format(low=low, high=high)
    return f"<div>{words[name]}<div class=figure>{report[name]:.1%}</div><div class=note>{said}</div></div>"


def _compared(report: dict[str, Any]) -> list[tuple[str, float]]:
    baselines = report["baselines"]
    before = [(name, baselines[name]["accuracy"]) for name in ("majority", "keywords")]
    return [*before, ("ours", report["accuracy"])]


def _classes(per_class: dict[str, dict[str, float]]) -> str:
    worst_first = sorted(per_class.items(), key=lambda pair: pair[1]["f1"])
    return _bars(
        [
            (f"{label}  ({own['precision']:.2f} / {own['recall']:.2f}, n = {own['support']})", own["f1"])
            for label, own in worst_first
        ]
    )


def _bars(rows: list[tuple[str, float]]) -> str:
    drawn = "".join(
        f"<text x=370 y={at * LINE_HEIGHT + 15} text-anchor=end fill={INK}>{escape(_short(name, 48))}</text>"
        f"<rect x=380 y={at * LINE_HEIGHT + 3} width=400 height=16 fill={PALE} />"
        f"<rect x=380 y={at * LINE_HEIGHT + 3} width={value * 400:.1f} height=16 fill={BLUE} />"
        f"<text x=790 y={at * LINE_HEIGHT + 15} fill={INK}>{value:.3f}</text>"
        for at, (name, value) in enumerate(rows)
    )
    return f'<svg viewBox="0 0 850 {len(rows) * LINE_HEIGHT + 6}" width=850 role=img>{drawn}</svg>'


def _confusion(confusion: dict[str, Any]) -> str:
    labels, rows = confusion["labels"], confusion["rows"]
    cell = max(8, min(36, 560 // max(len(labels), 1)))
    drawn = []
    for row, counts in enumerate(rows):
        total = max(sum(counts), 1)
        name = escape(_short(labels[row], 26))
        size = min(13, cell)
        drawn.append(f"<text x=210 y={row * cell + cell * 0.7:.0f} text-anchor=end font-size={size}>{name}</text>")
        for column, count in enumerate(counts):
            if count:
                said = escape(f"{labels[row]} → {labels[column]}: {count}", quote=True)
                drawn.append(
                    f"<rect x={220 + column * cell} y={row * cell} width={cell - 1} height={cell - 1} fill={BLUE}"
                    f" fill-opacity={0.08 + 0.92 * count / total:.2f}><title>{said}</title></rect>"
                )
                if cell >= 24:
                    ink = "#fff" if count / total > 0.5 else INK
                    at = f"x={220 + column * cell + cell / 2:.0f} y={row * cell + cell * 0.65:.0f}"
                    drawn.append(f"<text {at} text-anchor=middle font-size=11 fill={ink}>{count}</text>")
    side = len(labels) * cell
    return f'<svg viewBox="0 0 {side + 230} {side + 4}" width={side + 230} role=img>{"".join(drawn)}</svg>'


def _reliability(steps: list[dict[str, float]]) -> str:
    total = sum(step["n"] for step in steps)
    points = "".join(
        f"<circle cx={40 + step['confidence'] * 300:.1f} cy={320 - step['right'] * 300:.1f}"
        f" r={3 + 12 * (step['n'] / total) ** 0.5:.1f} fill={BLUE} fill-opacity=0.7>"
        f"<title>{step['confidence']:.2f}, {step['right']:.2f}, n = {step['n']}</title></circle>"
        for step in steps
    )
    axes = f"<rect x=40 y=20 width=300 height=300 fill=none stroke={PALE} /><path d='M40 320 L340 20' stroke={INK} />"
    marks = "<text x=40 y=338>0</text><text x=332 y=338>1</text><text x=26 y=28>1</text>"
    return f'<svg viewBox="0 0 380 345" width=380 role=img>{axes}{marks}{points}</svg>'


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
