"""The sentences of the mail room in the reader's language.

Reasons of a quarantine and errors of a delivery are stored in English, because the parser knows no language and a row
has many readers. ``in_language`` finds the sentence a stored text was made from and says it in the active language,
with the same names and numbers in it. What it does not know, such as the words of a foreign mail server, stays.
"""

from __future__ import annotations

import re
from functools import cache

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

SENTENCES = (
    _("It is empty."),
    _("It is larger than {size} MiB."),
    _("Its parts are nested too deep to be read."),
    _("Careloop could not read this mail ({error})."),
    _("It is not an e-mail: it has none of the usual header lines."),
    _("It is one piece of a mail that was sent in several; the others are needed to read it."),
    _("It names no sender, so there is nobody to answer."),
    _("It has no subject, no text and no attachment."),
    _("It is too large ({size} MiB) and stays in the mailbox."),
    _("The mail server did not hand it out."),
    _("It is a read receipt."),
    _("It confirms that a mail was delivered."),
    _("A delivery report that does not name the address."),
    _("A mail to {address} could not be delivered."),
    _("A mail to {address} could not be delivered ({status})."),
    _("A mail to {address} is delayed."),
    _("A mail to {address} is delayed ({status})."),
    _("The sender marks it as automatic (Auto-Submitted: {value})."),
    _("The sender marks it as an automatic reply ({field})."),
    _("It has been through a mail loop before (X-Loop)."),
    _("It is bulk or automatic mail (Precedence: {value})."),
    _("The sender takes no replies ({address})."),
    _("It is a newsletter: it can be unsubscribed from and takes no posts."),
    _("The subject is that of an automatic reply."),
    _("It came from one of our own addresses."),
    _("It came back from {address}: {answer}"),
    _("The inbox has no mail server to send through."),
    _("The inbox has no e-mail address to send from."),
    _("The customer has no e-mail address."),
    _("Mail to this address came back as undeliverable."),
    _("The mail server cannot send to an address with such characters."),
    _("This address got three automatic mails within an hour; a loop is likely."),
    _("The desk sent too many automatic mails within an hour and has stopped them."),
    _("This address got as many mails within an hour as one may get."),
    _("The mail server refused the sign-in: {answer}"),
    _("{host} refused the sign-in ({code})."),
    _("{host} refused: {answer}"),
    _("{host} cannot be reached ({error})."),
    _("The inbox has no IMAP server."),
    _("The mailbox has no folder {folder}."),
    _("The mail server would not list the mails."),
    _("The inbox has no refresh token: connect the account again."),
    _("The provider gave no access token."),
    _("The provider refused to renew the sign-in ({error})."),
    _("The provider refused the sign-in ({error})."),
    _("The provider gave no refresh token, so the sign-in would end within the hour: allow offline access there."),
    _("The provider's token server does not answer ({error})."),
)
_SLOT = re.compile(r"\\\{(\w+)\\\}")


def in_language(text: str) -> str:
    """``text`` in the active language when it is one of SENTENCES, else as it is."""
    for template, pattern in _patterns():
        match = pattern.fullmatch(text)
        if match:
            return gettext(template).format(**match.groupdict())
    return text


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((each, re.compile(_SLOT.sub(r"(?P<\1>.+?)", re.escape(each)), re.S)) for each in SENTENCES)
