"""ISO-2022-JP as it is really sent: with NEC and IBM extra characters and half-width kana (CP50220/CP50221).

Python's codec knows only the standard sets, so a mail holding ① or ㈱ or half-width kana fails to decode.
Here every escaped run is moved to Shift-JIS bytes and decoded as CP932, which has them all.
"""

import re

_ESCAPE = re.compile(rb"\x1b(\$[@B]|\$\([@BDO-Q]|\([BJIH])")
_SHIFT_OUT, _SHIFT_IN = b"\x0e", b"\x0f"


def decode_iso2022_jp(data: bytes) -> str:
    """The text of ISO-2022-JP bytes, vendor characters included; never raises, odd bytes become U+FFFD."""
    try:
        return data.decode("iso2022_jp")
    except UnicodeDecodeError:
        return "".join(_run(mode, run) for mode, run in _runs(data))


def _runs(data: bytes) -> list[tuple[bytes, bytes]]:
    pieces = _ESCAPE.split(data)
    return [(b"(B", pieces[0]), *zip(pieces[1::2], pieces[2::2], strict=True)]


def _run(mode: bytes, run: bytes) -> str:
    if mode == b"(I":
        return bytes(byte | 0x80 for byte in run).decode("cp932", "replace")
    if mode in (b"$@", b"$B", b"$(@", b"$(B"):
        return _kanji(run)
    return _roman(run)


def _roman(run: bytes) -> str:
    """ASCII or JIS Roman; shifted bytes between SO and SI are half-width kana."""
    kana_first, *rest = run.split(_SHIFT_OUT)
    text = kana_first.decode("cp932", "replace")
    for piece in rest:
        kana, _, roman = piece.partition(_SHIFT_IN)
        text += bytes(byte | 0x80 for byte in kana).decode("cp932", "replace") + roman.decode("cp932", "replace")
    return text


def _kanji(run: bytes) -> str:
    """Two-byte JIS X 0208 cells (with the vendor rows); a line end inside returns to ASCII by itself."""
    text, index = "", 0
    while index < len(run):
        lead = run[index]
        if lead < 0x21 or index + 1 == len(run):
            text += chr(lead) if lead < 0x80 else "\ufffd"
            index += 1
            continue
        text += _shift_jis(lead & 0x7F, run[index + 1] & 0x7F).decode("cp932", "replace")
        index += 2
    return text


def _shift_jis(row: int, cell: int) -> bytes:
    """One JIS cell as Shift-JIS bytes (the fold of two rows into one lead byte)."""
    lead = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
    if row % 2:
        return bytes((lead, cell + (0x20 if cell >= 0x60 else 0x1F)))
    return bytes((lead, cell + 0x7E if cell + 0x7E < 0x100 else 0xFC))
