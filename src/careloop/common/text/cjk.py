"""Which characters are Chinese ideographs (Unicode script Han), by code point ranges."""

import re

# URO, Extension A, compatibility ideographs, 〇 and 々, and the supplementary planes (Extensions B to H).
HAN_CLASS = "\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u3005\u3007\U00020000-\U000323af"
_HAN = re.compile(f"[{HAN_CLASS}]")


def is_han(character: str) -> bool:
    """Whether this one character is a Chinese ideograph."""
    return _HAN.match(character) is not None


def count_han(text: str) -> int:
    """How many Chinese ideographs the text holds."""
    return len(_HAN.findall(text))
