"""Splits a plain-text mail into what the person wrote now, what it quotes, and the footer of the mail program.

One pass over the lines, each pattern on one line, so the time grows with the length only. Nothing is thrown away:
reply, quoted and signature together hold every line of the body (separators go with the quotation).

Two published suites disagree about "Sent from my iPhone": talon keeps it above a quotation, reply_parser hides it at
the end of a mail. Both are right for their place, and that is the rule here: a footer is cut only where the mail ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from careloop.channels.email.parsing import quote_rules as rules

LOOK_BACK = 5


@dataclass(frozen=True, slots=True)
class Split:
    """The parts of a body, each stripped of blank lines around it."""

    reply: str
    quoted: str = ""
    signature: str = ""


def split_reply(text: str) -> Split:
    """The visible reply of ``text``. A mail that is nothing but a quotation or a forward is visible whole."""
    lines = text.replace("\r\n", "\n").replace("\u2028", "\n").split("\n")
    start, end = _quotation(lines)
    above, quotation, below = lines[:start], lines[start:end], lines[end:]
    if not _said(above) and not _said(below):
        return Split(_block(lines))
    if end < len(lines) and not _said(above):
        return _signed(below, _block(lines[:end]))
    return Split(_block(above), _block(quotation)) if quotation else _signed(above, "")


def _quotation(lines: Sequence[str]) -> tuple[int, int]:
    """Where the quotation starts and ends. ``end`` short of the last line means more was written below it."""
    for index, line in enumerate(lines):
        start = _hard_start(lines, index)
        if start is not None:
            return start, len(lines)
        if _is_quoted(line) or _is_attribution(lines, index):
            return _soft_quotation(lines, index)
    return len(lines), len(lines)


def _hard_start(lines: Sequence[str], index: int) -> int | None:
    """A separator or a block of header lines: all below belongs to the quoted mail."""
    line = lines[index][: rules.LINE_LIMIT]
    if rules.SEPARATOR.match(line):
        return index
    if _is_header_block(lines, index):
        return _with_rule_above(lines, index)
    return None


def _is_header_block(lines: Sequence[str], index: int) -> bool:
    """From with two more of Sent, To, Subject, Cc: or with one more when a rule stands above it."""
    if _field(lines[index]) not in ("from", "sent", "subject", "to"):
        return False
    found = _fields(lines, index)
    ruled = _with_rule_above(lines, index) < index
    return "from" in found and len(found) >= (2 if ruled else 3)


def _fields(lines: Sequence[str], index: int) -> set[str]:
    """The kinds of header lines from ``index`` on; one blank line or one folded line between them is allowed."""
    found: set[str] = set()
    strays = 0
    for line in lines[index : index + rules.HEADER_LINES]:
        kind = _field(line)
        if kind and kind not in found:
            found.add(kind)
            strays = 0
        else:
            strays += 1
        if strays > 2:
            break
    return found


def _field(line: str) -> str:
    match = rules.FIELD_LINE.match(line[: rules.LINE_LIMIT])
    label = "".join(match.group(1).split()).strip("*_").lower() if match else ""
    return rules.FIELD_OF.get(label, "")


def _with_rule_above(lines: Sequence[str], index: int) -> int:
    """The index of a rule directly above (blank lines between allowed), else ``index`` itself."""
    above = index - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    if above >= 0 and (rules.RULE.match(lines[above]) or rules.BARE_DASHES.match(lines[above])):
        return above
    return index


def _is_quoted(line: str) -> bool:
    return line.lstrip().startswith((">", "＞"))


def _is_attribution(lines: Sequence[str], index: int) -> bool:
    return _attribution_end(lines, index) is not None


def _attribution_end(lines: Sequence[str], index: int) -> int | None:
    """The last line of "On …, X wrote:" when it starts at ``index`` (it may be folded), else None."""
    line = lines[index][: rules.LINE_LIMIT]
    if not line.strip():
        return None
    if rules.ATTRIBUTION_START.match(line):
        return _folded_end(lines, index)
    if not _may_end(line):
        return None
    single = bool(rules.ATTRIBUTION_END.search(line)) and _dated(line)
    return index if single or _introduces_quotation(lines, index) else None


def _folded_end(lines: Sequence[str], index: int) -> int | None:
    joined = ""
    for offset, line in enumerate(lines[index : index + LOOK_BACK]):
        if not line.strip() or (offset and _is_quoted(line) and not _is_quoted(lines[index])):
            break
        joined = f"{joined} {line[: rules.LINE_LIMIT].strip()}"
        if _may_end(line) and rules.ATTRIBUTION_END.search(joined[-rules.LINE_LIMIT :]) and _dated(joined):
            return index + offset
    return index if _introduces_quotation(lines, index) else None


def _may_end(line: str) -> bool:
    """Cheap, because it is asked of every line: an attribution ends in a colon or in dashes."""
    return line.rstrip()[-1:] in (":", "：", "-")


def _dated(line: str) -> bool:
    return bool(rules.HAS_DATE_OR_ADDRESS.search(line))


def _introduces_quotation(lines: Sequence[str], index: int) -> bool:
    """In any language: a line with an address that ends in a colon and stands right above a quotation."""
    line = lines[index][: rules.LINE_LIMIT]
    if not (rules.CLOSING_COLON.search(line) and rules.ADDRESS.search(line)):
        return False
    following = next((each for each in lines[index + 1 : index + 4] if each.strip()), "")
    return _is_quoted(following)


def _soft_quotation(lines: Sequence[str], index: int) -> tuple[int, int]:
    """A quotation marked line by line. Its end is where nothing but quotation and footer follows."""
    body = (_attribution_end(lines, index) or index) + (0 if _is_quoted(lines[index]) else 1)
    following = next((each for each in lines[body:] if each.strip()), "")
    if not _is_quoted(following):
        return index, len(lines)
    last = _last_said(lines, body)
    if last is None:
        return index, len(lines)
    end = _run_end(lines, body)
    answered_below = not _said(lines[:index]) and not any(map(_is_quoted, lines[end:last]))
    return (index, end) if answered_below else _trailing(lines, last)


def _trailing(lines: Sequence[str], last: int) -> tuple[int, int]:
    """Answers stand between the quoted lines: only what follows the last of them is cut."""
    rest = last + 1
    return (rest, len(lines)) if any(_is_quoted(line) for line in lines[rest:]) else (len(lines), len(lines))


def _run_end(lines: Sequence[str], start: int) -> int:
    """The end of the run of quoted and blank lines that starts at ``start``."""
    for index in range(start, len(lines)):
        if lines[index].strip() and not _is_quoted(lines[index]):
            return index
    return len(lines)


def _last_said(lines: Sequence[str], start: int) -> int | None:
    """The last line below ``start`` that is the writer's own: not quoted, not an attribution, not a footer."""
    end = _footer_start(lines)
    said = None
    index = start
    while index < end:
        closing = None if _is_quoted(lines[index]) else _attribution_end(lines, index)
        if closing is not None:
            index = closing
        elif lines[index].strip() and not _is_quoted(lines[index]):
            if _hard_start(lines, index) is not None:
                break
            said = index
        index += 1
    return said


def _footer_start(lines: Sequence[str]) -> int:
    """Where the signature or program footer at the end of the mail begins; the length when there is none."""
    start = len(lines)
    for _ in range(3):
        end = _without_blank_end(lines, start)
        cut = _one_footer(lines, end)
        if cut == end:
            break
        start = cut
    return start


def _one_footer(lines: Sequence[str], end: int) -> int:
    """The start of the last block before ``end`` when it is a footer or a signature under its mark, else ``end``."""
    for index in range(max(0, end - 12), end):
        if rules.SIGNATURE_MARK.match(lines[index]) or rules.RULE.match(lines[index]):
            return index
    return end - 1 if end and _is_footer(lines, end - 1) else end


def _without_blank_end(lines: Sequence[str], end: int) -> int:
    while end and not lines[end - 1].strip():
        end -= 1
    return end


def _is_footer(lines: Sequence[str], index: int) -> bool:
    line = lines[index][: rules.LINE_LIMIT]
    if rules.FOOTER.match(line):
        return True
    alone = index > 0 and not lines[index - 1].strip()
    return alone and bool(rules.DASHED_NAME.match(line)) and line[1:2] != " "


def _said(lines: Sequence[str]) -> bool:
    """Whether anything but blank lines, rules and a program's footer stands here."""
    return any(line.strip() and not rules.RULE.match(line) and not rules.BARE_DASHES.match(line) for line in lines)


def _signed(lines: Sequence[str], quoted: str) -> Split:
    cut = _footer_start(lines)
    if cut >= len(lines) or not _said(lines[:cut]):
        return Split(_block(lines), quoted)
    return Split(_block(lines[:cut]), quoted, _block(lines[cut:]))


def _block(lines: Sequence[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).strip("\n").strip()
