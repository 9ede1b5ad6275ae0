"""HTML of a stranger: made safe to show, and turned into plain text.

Safe means: no script, no style sheet, no form, and no request to anyone when the message is opened. A remote image
loses its ``src`` and keeps the address in ``data-remote-src``, so the desk loads it only after a click; an image
that travels inside the mail keeps its ``cid:``, which no browser loads and the desk replaces. Links open in a new
tab and tell the target nothing.
"""

import re
from html import escape, unescape
from html.parser import HTMLParser

import nh3

MAX_HTML_CHARACTERS = 2_000_000
MAX_DEPTH, MAX_FORMATTING = 500, 60


def _words(text: str) -> set[str]:
    return set(text.split())


_TAGS = _words(
    "a abbr b big blockquote br caption center cite code col colgroup dd del details div dl dt em "
    "figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span "
    "strike strong sub summary sup table tbody td tfoot th thead tr tt u ul var wbr"
)
_ATTRIBUTES = {
    "*": {"dir", "lang", "title", "align", "valign", "style"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "width"},
    "th": {"colspan", "rowspan", "width"},
    "table": {"width", "border", "cellpadding", "cellspacing"},
    "ol": {"start", "type"},
}
_STYLES = {"font-weight", "font-style", "text-decoration", "text-align", "white-space"}
_INLINE_IMAGE = re.compile(r"\s*data:image/(png|jpe?g|gif|webp);base64,", re.I)
_IMAGE_SOURCE = re.compile(r'(<img\b(?:[^>"]|"[^"]*")*?\s)src="([^"]*)"')
_EMPTY_STYLE = re.compile(r'(<[a-z][a-z0-9]*(?: (?:[^>"]|"[^"]*")*?)?) style=""')
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_FORMATTING = _words("a b big code em font i nobr s small strike strong tt u")
_NEVER_DEEP = _words("p li td th tr dt dd option br hr img input meta link col area base wbr source tbody thead tfoot")
_BLOCKS = _words(
    "address article blockquote caption center dd details div dl dt fieldset figure footer form h1 h2 h3 "
    "h4 h5 h6 header hr li main nav ol p pre section summary table tbody tfoot thead tr ul"
)
_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "ul", "ol", "blockquote", "table"}
QUOTE_START, QUOTE_END, RULE = "\ue001", "\ue002", "________________"


def sanitise(html: str) -> str:
    """The same content without anything that runs, submits, styles the page or calls home."""
    if _is_hostile(html):
        return escape(_stripped(html))
    clean = nh3.clean(
        html[:MAX_HTML_CHARACTERS],
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_allowed_value,
        filter_style_properties=_STYLES,
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        strip_comments=True,
    )
    return _EMPTY_STYLE.sub(r"\1", _IMAGE_SOURCE.sub(_held_back, clean)).strip()


def _is_hostile(html: str) -> bool:
    """Nesting that no mail program writes and that makes an HTML parser work for minutes."""
    depth, formatting = 0, 0
    for match in _TAG.finditer(html[:MAX_HTML_CHARACTERS]):
        step = -1 if match.group(1) else 1
        if match.group(2).lower() in _FORMATTING:
            formatting = max(0, formatting + step)
        elif match.group(2).lower() not in _NEVER_DEEP:
            depth = max(0, depth + step)
        if depth > MAX_DEPTH or formatting > MAX_FORMATTING:
            return True
    return False


def _stripped(html: str) -> str:
    """The words of a page that is not worth parsing."""
    return unescape(re.sub(r"<[^<>]*>", " ", html[:MAX_HTML_CHARACTERS])).strip()


def _allowed_value(tag: str, attribute: str, value: str) -> str | None:
    scheme = value.strip().lower().partition(":")[0]
    if attribute == "href":
        return value if scheme in ("http", "https", "mailto", "tel") else None
    if attribute == "src" and scheme == "data":
        return value if _INLINE_IMAGE.match(value) else None
    return value


def _held_back(match: re.Match[str]) -> str:
    head, source = match.groups()
    if source.lower().startswith(("cid:", "data:")):
        return match.group(0)
    return f'{head}data-remote-src="{source}"'


def html_to_text(html: str) -> str:
    """Readable plain text: blocks on lines, quotations as "> " lines, links with their address when it differs."""
    if _is_hostile(html):
        return _stripped(html)
    clean = nh3.clean(
        html[:MAX_HTML_CHARACTERS],
        tags=_TAGS | _BLOCKS - {"form"},
        attributes={"*": {"class", "id", "style"}, "a": {"href"}, "img": {"alt"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel=None,
        strip_comments=True,
    )
    reader = _Reader()
    reader.feed(clean)
    reader.close()
    return quote_marked("".join(reader.out))


def quote_marked(text: str) -> str:
    """Lines between the quotation marks of the reader get "> "; runs of blank lines become one."""
    depth, lines = 0, []
    for line in re.sub(r"[ \t\u00a0]+", " ", text).split("\n"):
        depth += line.count(QUOTE_START)
        bare = line.replace(QUOTE_START, "").replace(QUOTE_END, "").strip()
        lines.append(f"{'> ' * min(depth, 9)}{bare}".rstrip())
        depth = max(0, depth - line.count(QUOTE_END))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    """Reads the well-formed output of nh3 only, so none of the parser's odd cases can occur."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.links: list[tuple[str, int]] = []
        self.preformatted = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "br":
            self.out.append("\n")
        elif tag == "hr":
            self.out.append(f"\n{RULE}\n")
        elif tag == "img" and given.get("alt"):
            self.out.append(f"[{given['alt']}]")
        elif tag == "a":
            self.links.append((given.get("href", ""), len(self.out)))
        elif tag in ("td", "th"):
            self.out.append(" ")
        self._block(tag)
        self.preformatted += tag == "pre"
        if tag == "li":
            self.out.append("- ")
        if tag == "blockquote":
            self.out.append(QUOTE_START)
        if _starts_outlook_quotation(tag, given):
            self.out.append(f"{RULE}\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "blockquote":
            self.out.append(QUOTE_END)
        elif tag == "a" and self.links:
            self._link(*self.links.pop())
        self.preformatted -= tag == "pre"
        self._block(tag)

    def handle_data(self, data: str) -> None:
        text = data if self.preformatted else data.replace("\n", " ")
        self.out.append(text.replace(QUOTE_START, "").replace(QUOTE_END, ""))

    def _block(self, tag: str) -> None:
        """A block starts on its own line; a paragraph leaves one blank line."""
        if tag not in _BLOCKS or tag == "hr":
            return
        tail = "".join(self.out[-3:])
        wanted = 2 if tag in _PARAGRAPHS else 1
        present = len(tail) - len(tail.rstrip("\n "))
        newlines = tail[len(tail) - present :].count("\n") if present else 0
        self.out.append("\n" * max(0, wanted - newlines))

    def _link(self, href: str, start: int) -> None:
        label = "".join(self.out[start:]).strip()
        target = href.removeprefix("mailto:").removeprefix("tel:")
        if target and label and target.rstrip("/") not in label and label not in target:
            self.out.append(f" <{target[:500]}>")


def _starts_outlook_quotation(tag: str, given: dict[str, str]) -> bool:
    """Outlook sets its quoted header block in a div with a line on top; some programs name the block by id."""
    style = re.sub(r"\s", "", given.get("style", "").lower())
    named = given.get("id", "").lower() in (
        "olk_src_body_section",
        "divrplyfwdmsg",
        "appendonsend",
        "mail-editor-reference-message-container",
    )
    return named or (tag == "div" and "border-top:solid" in style and "border:none" in style)
