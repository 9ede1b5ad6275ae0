"""One spelling for each identity, so that a person is found again. Imports neither Django nor us."""

from __future__ import annotations

import unicodedata

import phonenumbers

DEFAULT_REGION = "CN"


def normalise(kind: str, value: str, *, region: str = DEFAULT_REGION) -> str:
    """``value`` as we store it: mail addresses in lower case, phone numbers as E.164.

    A phone number that cannot be one keeps its digits, so that it is at least found by itself.
    """
    value = unicodedata.normalize("NFKC", value).strip()
    if kind == "email":
        return value.lower()
    if kind == "phone":
        return _phone(value, region)
    return value


def _phone(value: str, region: str) -> str:
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        return "".join(character for character in value if character.isdigit() or character == "+")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
