"""RFC 3834, 3464, 8098: what a machine sent, what must not be answered, and which address failed."""

import pytest

from careloop.channels.email.parsing.mail import ParsedMail, parse_mail


def _mail(*fields: str, body: str = "Hello", sender: str = "Yuqing <yuqing@example.com>") -> ParsedMail:
    return parse_mail("\r\n".join((f"From: {sender}", "Subject: Hi", *fields, "", body)).encode())


@pytest.mark.parametrize(
    "field",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated; owner=x",
        "Precedence: bulk",
        "Precedence: junk",
        "X-Autoreply: yes",
        "X-Loop: desk@example.com",
        "List-Unsubscribe: <mailto:u@x.example>",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=b",
    ],
)
def test_a_machine_says_that_it_is_one(field: str) -> None:
    parsed = _mail(field)
    assert (parsed.outcome, parsed.reason.endswith(".")) == ("automatic", True)
    assert parsed.no_answer_reason == parsed.reason


@pytest.mark.parametrize("field", ["Precedence: bulk", "X-Loop: care@lists.example"])
def test_a_list_marks_what_people_post_to_it(field: str) -> None:
    """The address for customers is often a list that hands on to the desk; its marks are not the customer's."""
    parsed = _mail(f"{field}\nList-Post: <mailto:care@lists.example>")
    assert (parsed.outcome, parsed.reason) == ("message", "")
    assert parsed.no_answer_reason == "It came through a mailing list."


@pytest.mark.parametrize(
    "subject", ["自动回复: 退款", "Automatic reply: refund", "Out of Office: Li", "Autoreply", "自动回复"]
)
def test_absence_notes_without_a_header_are_known_by_their_subject(subject: str) -> None:
    assert parse_mail(f"From: a@b.example\nSubject: {subject}\n\nback on Monday".encode()).outcome == "automatic"


def test_a_customer_who_writes_about_automatic_replies_is_a_person() -> None:
    raw = "From: a@b.example\nSubject: 你们的自动回复太冷漠\n\n投诉".encode()
    assert parse_mail(raw).outcome == "message"


@pytest.mark.parametrize(
    "sender", ["MAILER-DAEMON@x.example", "no-reply@x.example", "noreply@x.example", "donotreply@x.example"]
)
def test_senders_that_take_no_replies_are_machines(sender: str) -> None:
    assert _mail(sender=sender).outcome == "automatic"


def test_a_contact_form_that_names_the_customer_is_a_message() -> None:
    assert _mail("Reply-To: yuqing@example.com", sender="no-reply@shop.example").outcome == "message"


@pytest.mark.parametrize(
    "field",
    [
        "Precedence: list",
        "List-Id: <care.example.com>",
        "X-Auto-Response-Suppress: OOF, AutoReply",
        "Return-Path: <>",
    ],
)
def test_people_whom_a_machine_must_not_answer_are_still_heard(field: str) -> None:
    parsed = _mail(field)
    assert parsed.outcome == "message"
    assert parsed.no_answer_reason


def test_a_plain_question_may_be_answered() -> None:
    parsed = _mail("Auto-Submitted: no", "X-Auto-Response-Suppress: NRN")
    assert (parsed.outcome, parsed.no_answer_reason) == ("message", "")


REPORT = """From: MAILER-DAEMON@mx.example
Subject: Undelivered Mail
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

I could not deliver it.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; Yuqing@example.com
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {code} no such user

--b
Content-Type: message/rfc822

Message-ID: <c2s-abcdefghijklmnop.1@desk.example>
Subject: Re: refund

Hello
--b--
"""


@pytest.mark.parametrize(
    ("action", "status", "outcome", "permanent"),
    [
        ("failed", "5.1.1", "bounce", True),
        ("delayed", "4.4.1", "bounce", False),
        ("failed", "", "bounce", True),
        ("delivered", "2.0.0", "automatic", False),
    ],
)
def test_a_delivery_report_names_address_status_and_mail(
    action: str, status: str, outcome: str, permanent: bool
) -> None:
    parsed = parse_mail(REPORT.format(action=action, status=status, code=550).encode())
    assert parsed.outcome == outcome
    assert parsed.report is not None
    assert parsed.report.recipients[0].address == "yuqing@example.com"
    assert parsed.report.is_permanent is permanent
    assert parsed.report.original_message_id == "c2s-abcdefghijklmnop.1@desk.example"


def test_a_bounce_told_in_words_is_understood() -> None:
    raw = (
        "From: postmaster@qq.example\nSubject: 系统退信\n\n很抱歉，您的邮件被退回：\nwang@qq.example\n"
        "host mx.qq.example said: 550 5.1.1 Mailbox not found\n"
    ).encode()
    parsed = parse_mail(raw)
    assert parsed.outcome == "bounce"
    assert parsed.report is not None
    assert (parsed.report.recipients[0].address, parsed.report.recipients[0].status) == (
        "wang@qq.example",
        "5.1.1",
    )


def test_a_read_receipt_is_automatic_and_names_its_mail() -> None:
    raw = b"""From: yuqing@example.com
Subject: Read: refund
Content-Type: multipart/report; report-type=disposition-notification; boundary=b

--b

Read.
--b
Content-Type: message/disposition-notification

Final-Recipient: rfc822;yuqing@example.com
Original-Message-ID: <one@desk.example>
Disposition: manual-action/MDN-sent-manually; displayed
--b--
"""
    parsed = parse_mail(raw)
    assert (parsed.outcome, parsed.receipt_for) == ("automatic", "one@desk.example")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"),
        (b"\n\n \n", "empty"),
        (b"just words", "not an e-mail"),
        (b"Subject: x\n\nwords", "no sender"),
        (b"From: a@b.example\n\n", "no subject"),
        (b"From: a@b.example\nContent-Type: message/partial; id=x; number=1\n\nFrom: z", "one piece"),
    ],
)
def test_what_nobody_can_act_on_is_quarantined_with_a_reason(raw: bytes, reason: str) -> None:
    parsed = parse_mail(raw)
    assert parsed.outcome == "quarantined"
    assert reason in parsed.reason


def test_deep_nesting_is_survived() -> None:
    deep = "".join(f"Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n" for i in range(2000))
    assert parse_mail(("From: a@b.example\n" + deep + "\nhello").encode()).outcome in (
        "message",
        "quarantined",
    )


def test_tokens_and_numbers_are_found_wherever_they_travel() -> None:
    token = "c2s-abcdefghijklmnop"
    by_address = _mail(f"To: care+{token}@desk.example")
    by_reference = _mail(f"References: <other@x> <{token}.17@desk.example>")
    by_text = _mail(body=f"hi\n\n> ref {token}\n")
    assert [each.reply_tokens for each in (by_address, by_reference, by_text)] == [(token,)] * 3
    assert parse_mail(b"From: a@b.example\nSubject: Re: [CL-1042] x\n\nhi").number == 1042
