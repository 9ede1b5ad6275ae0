"""The report of an evaluation as one self-contained page with pictures drawn by us, in Chinese or English.

It needs nothing beside it and no script, follows the reader's light or dark, and fits a telephone.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from careloop.common.text import is_han
from careloop.triage.engine.remarks import said

WORDS = {
    "en": {
        "tag": "en",
        "title": "How well it understands",
        "accuracy": "Accuracy",
        "macro_f1": "Macro-F1",
        "interval": "95 %: {low:.1%} to {high:.1%}",
        "rows": "{n_train:,} rows learned from, {n_test:,} judged on",
        "compared": "Accuracy beside simpler ways",
        "majority": "Always the commonest label",
        "keywords": "Keywords",
        "ours": "This model",
        "per_class": "Each label, the weakest first",
        "label": "Label",
        "f1": "F1",
        "precision": "Precision",
        "recall": "Recall",
        "support": "Rows",
        "confusion": "What is taken for what",
        "confusion_note": "A row is the true label, a column the predicted one; fuller means more of the row.",
        "truth": "True label",
        "predicted": "Predicted",
        "count": "Times",
        "reliability": "How sure against how often right",
        "reliability_note": (
            "On the line, confidence is honest; a bigger dot stands for more texts."
            " Expected error {ece:.3f}, Brier score {brier:.3f}."
        ),
        "confidence": "how sure",
        "right": "how often right",
        "model": "The model",
        "model_note": "{features:,} features, {megabytes:g} MB, {speed:,.0f} texts a second.",
        "remarks": "Before you believe it",
    },
    "zh": {
        "tag": "zh-Hans",
        "title": "理解得有多准",
        "accuracy": "准确率",
        "macro_f1": "宏平均 F1",
        "interval": "95% 区间：{low:.1%} 至 {high:.1%}",
        "rows": "用 {n_train:,} 行学习，用 {n_test:,} 行检验",
        "compared": "与更简单的办法比准确率",
        "majority": "总猜最常见的类别",
        "keywords": "关键词",
        "ours": "本模型",
        "per_class": "各个类别，最弱的在前",
        "label": "类别",
        "f1": "F1",
        "precision": "精确率",
        "recall": "召回率",
        "support": "行数",
        "confusion": "哪些类别被认错",
        "confusion_note": "每行是真实类别，每列是预测类别；颜色越浓，占该行的比例越大。",
        "truth": "真实类别",
        "predicted": "被认作",
        "count": "次数",
        "reliability": "把握有多大，对得有多少",
        "reliability_note": (
            "圆点落在线上，说明把握属实；圆点越大，文本越多。期望校准误差 {ece:.3f}，Brier 分数 {brier:.3f}。"
        ),
        "confidence": "把握",
        "right": "答对的比例",
        "model": "模型",
        "model_note": "{features:,} 个特征，{megabytes:g} MB，每秒 {speed:,.0f} 条。",
        "remarks": "采信之前请看",
    },
}
LANGUAGES = tuple(WORDS)
Words = Mapping[str, str]
STYLE = """
:root{color-scheme:light dark;--ink:#1b2733;--quiet:#55626f;--ground:#fff;--pale:#e6ecf2;--strong:#1f6feb;--on:#fff}
@media(prefers-color-scheme:dark){
:root{--ink:#e3e9ef;--quiet:#9aa7b4;--ground:#14191f;--pale:#29323c;--strong:#2f74e0;--on:#fff}}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;max-width:60rem;
margin:2rem auto;padding:0 1rem;color:var(--ink);background:var(--ground)}
h1,h2{line-height:1.2}h2{margin:2.5rem 0 .75rem;font-size:1.25rem}.note{color:var(--quiet)}
.figures{display:flex;gap:3rem;flex-wrap:wrap}.figure{font-size:2.25rem;font-weight:600;line-height:1.2}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{padding:.2rem .75rem .2rem 0;text-align:left;font-weight:400;overflow-wrap:anywhere}
thead th{color:var(--quiet);font-size:.875rem;white-space:nowrap}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap;width:1%}
.bar{width:35%;min-width:6rem}.bar div{background:var(--pale);height:.9rem;border-radius:2px}
.bar i{display:block;height:100%;background:var(--strong);border-radius:2px}
svg{display:block;max-width:100%;height:auto}.wide{margin-bottom:1.5rem}.wide svg{max-width:none}
svg text{font:12px system-ui,"PingFang SC","Microsoft YaHei",sans-serif;fill:var(--ink)}
svg .quiet{fill:var(--quiet)}svg .on{fill:var(--on)}.dot,.cell{fill:var(--strong)}.dot{fill-opacity:.7}
.frame{fill:none;stroke:var(--pale)}.line{stroke:var(--quiet)}code{overflow-wrap:anywhere;color:var(--quiet)}
@media(max-width:40rem){.extra{display:none}}
"""
MOST_LABELS_NAMED = 30  # with more of them the names in the picture would be too small to read
PAIRS_SHOWN = 10


def page(report: dict[str, Any], language: str = "en") -> str:
    """A whole HTML document that needs nothing beside it; every word of the data is escaped."""
    words = WORDS[language]
    about = report["model"] | {"speed": report["texts_per_second"]}
    parts = [
        f"<h1>{words['title']}</h1><p class=note>{words['rows'].format(**report)}</p>",
        f"<div class=figures>{_figure(report, 'accuracy', words)}{_figure(report, 'macro_f1', words)}</div>",
        f"<h2>{words['compared']}</h2>{_compared(report, words)}",
        f"<h2>{words['per_class']}</h2>{_classes(report['per_class'], words)}",
        f"<h2>{words['confusion']}</h2><p class=note>{words['confusion_note']}</p>{_confusion(report['confusion'])}",
        _most_confused(report["most_confused"][:PAIRS_SHOWN], words),
        f"<h2>{words['reliability']}</h2>{_reliability(report['reliability'], words)}",
        f"<p class=note>{words['reliability_note'].format(**report['calibration'])}</p>",
        f"<h2>{words['model']}</h2><p>{words['model_note'].format(**about)}</p>",
        f"<p><code lang=en>{escape(about['candidate'])}</code></p>",
    ]
    if report["remarks_as_data"]:
        sentences = "".join(f"<li>{escape(said(remark, language))}</li>" for remark in report["remarks_as_data"])
        parts.append(f"<h2>{words['remarks']}</h2><ul>{sentences}</ul>")
    head = (
        "<meta charset=utf-8><meta name=viewport content='width=device-width,initial-scale=1'>"
        f"<title>{words['title']}</title><style>{STYLE}</style>"
    )
    return f"<!doctype html><html lang={words['tag']}><head>{head}</head><body>{''.join(parts)}</body></html>\n"


def _figure(report: dict[str, Any], name: str, words: Words) -> str:
    low, high = report[f"{name}_interval"]
    said_so = words["interval"].format(low=low, high=high)
    return f"<div>{words[name]}<div class=figure>{report[name]:.1%}</div><div class=note>{said_so}</div></div>"


def _compared(report: dict[str, Any], words: Words) -> str:
    baselines = report["baselines"]
    figures = {name: baselines[name]["accuracy"] for name in ("majority", "keywords")} | {"ours": report["accuracy"]}
    rows = "".join(
        f"<tr><th scope=row>{words[name]}</th>{_bar(value)}<td class=number>{value:.1%}</td></tr>"
        for name, value in figures.items()
    )
    return f"<table>{rows}</table>"


def _classes(per_class: dict[str, dict[str, float]], words: Words) -> str:
    headings = "".join(f"<th class='number extra'>{words[name]}</th>" for name in ("precision", "recall"))
    head = f"<th>{words['label']}</th><th></th><th class=number>{words['f1']}</th>{headings}"
    rows = "".join(
        f"<tr><th scope=row>{escape(label)}</th>{_bar(own['f1'])}<td class=number>{own['f1']:.3f}</td>"
        f"<td class='number extra'>{own['precision']:.3f}</td><td class='number extra'>{own['recall']:.3f}</td>"
        f"<td class=number>{own['support']:,}</td></tr>"
        for label, own in sorted(per_class.items(), key=lambda pair: pair[1]["f1"])
    )
    return f"<table><thead><tr>{head}<th class=number>{words['support']}</th></tr></thead>{rows}</table>"


def _bar(share: float) -> str:
    return f"<td class=bar><div><i style='width:{share:.1%}'></i></div></td>"


def _confusion(confusion: dict[str, Any]) -> str:
    """The whole table as a picture; names stand beside and above it while they can be read."""
    labels, rows = confusion["labels"], confusion["rows"]
    named = len(labels) <= MOST_LABELS_NAMED
    cell = max(24, min(44, 560 // len(labels))) if named else 8
    left = 16 + max(_width(_short(label, 28)) for label in labels) if named else 0
    top = 16 + round(0.7 * max(_width(_short(label, 18)) for label in labels)) if named else 0
    drawn = [_names(labels, cell, left, top)] if named else []
    for row, counts in enumerate(rows):
        total = max(sum(counts), 1)
        for column, count in enumerate(counts):
            if count:
                drawn.append(
                    f"<g><title>{escape(f'{labels[row]} → {labels[column]}: {count}')}</title>"
                    + _cell(left + column * cell, top + row * cell, cell, count, count / total, written=named)
                    + "</g>"
                )
    side = len(labels) * cell
    width, height = left + side + (90 if named else 0), top + side
    frame = f"<rect class=frame x={left} y={top} width={side} height={side} />"
    picture = f"<svg viewBox='0 0 {width} {height}' width={width} role=img>{frame}{''.join(drawn)}</svg>"
    return f"<div class=wide>{picture}</div>"


def _names(labels: list[str], cell: int, left: int, top: int) -> str:
    drawn = []
    for at, label in enumerate(labels):
        middle = at * cell + cell / 2
        beside, above = escape(_short(label, 28)), escape(_short(label, 18))
        x, y = left + middle + 4, top - 6
        drawn.append(f"<text x={left - 8} y={top + middle + 4:.0f} text-anchor=end>{beside}</text>")
        drawn.append(f"<text x={x:.0f} y={y} transform='rotate(-40 {x:.0f} {y})'>{above}</text>")
    return "".join(drawn)


def _cell(x: int, y: int, size: int, count: int, share: float, *, written: bool) -> str:
    drawn = f"<rect class=cell x={x} y={y} width={size - 1} height={size - 1} fill-opacity={0.08 + 0.92 * share:.2f} />"
    if not written:
        return drawn
    ink = "on" if share > 0.5 else ""
    place = f"x={x + size / 2:.0f} y={y + size / 2 + 4:.0f} text-anchor=middle"
    return drawn + f"<text {place} style='font-size:{11 if count < 1000 else 10}px' class='{ink}'>{count}</text>"


def _most_confused(pairs: list[dict[str, Any]], words: Words) -> str:
    if not pairs:
        return ""
    rows = "".join(
        f"<tr><td>{escape(pair['truth'])}</td><td>{escape(pair['predicted'])}</td>"
        f"<td class=number>{pair['count']:,}</td></tr>"
        for pair in pairs
    )
    head = f"<th>{words['truth']}</th><th>{words['predicted']}</th><th class=number>{words['count']}</th>"
    return f"<table><thead><tr>{head}</tr></thead>{rows}</table>"


def _reliability(steps: list[dict[str, float]], words: Words) -> str:
    total = sum(step["n"] for step in steps)
    points = "".join(
        f"<circle class=dot cx={40 + step['confidence'] * 300:.1f} cy={320 - step['right'] * 300:.1f}"
        f" r={3 + 12 * (step['n'] / total) ** 0.5:.1f}>"
        f"<title>{step['confidence']:.2f}, {step['right']:.2f}, n = {step['n']}</title></circle>"
        for step in steps
    )
    axes = "<rect class=frame x=40 y=20 width=300 height=300 /><path class=line d='M40 320 L340 20' />"
    marks = (
        "<text x=40 y=338 text-anchor=middle>0</text><text x=340 y=338 text-anchor=middle>1</text>"
        "<text x=30 y=25 text-anchor=end>1</text>"
        f"<text x=190 y=342 text-anchor=middle class=quiet>{words['confidence']}</text>"
        f"<text x=24 y=170 text-anchor=middle class=quiet transform='rotate(-90 24 170)'>{words['right']}</text>"
    )
    return f"<svg viewBox='0 0 380 350' width=380 role=img>{axes}{marks}{points}</svg>"


def _width(text: str) -> int:
    """Roughly how many pixels a name takes at 12 pixels a Chinese character."""
    return sum(12 if is_han(character) else 7 for character in text)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
