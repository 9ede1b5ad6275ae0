"""``careloop mail parse``: one JSON line a message, nothing else on standard output, 2 and a sentence on bad input."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from careloop.channels.email.commands import mail
from careloop.channels.email.parsing.files import mails_in
from careloop.channels.email.tests.real_files import MAIL_FOLDER, needs_real_mail

FIELDS = "file index outcome reason from to subject date message_id references text quoted html attachments"
MAIL = (
    "From: 王雨晴 <yuqing@example.com>\nTo: care@nuanya.example\nSubject: 退款\n"
    "Date: Mon, 2 Mar 2026 15:12:00 +0800\nMessage-ID: <1@x>\n\n还没收到退款。\n"
)
BOX = (
    f"From yuqing@example.com Mon Mar  2 15:12:00 2026\n{MAIL}\n"
    "From here on\n>From Monday\n\n"
    f"From b@x Tue Mar  3 15:12:00 2026\n{MAIL}"
)


def _run(*arguments: str) -> tuple[int, list[dict[str, object]], str]:
    result = CliRunner().invoke(mail, ["parse", *arguments])
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()], result.stderr


def test_a_mail_becomes_one_line_with_the_documented_fields(tmp_path: Path) -> None:
    file = tmp_path / "a.eml"
    file.write_text(MAIL)
    code, rows, _ = _run(str(file), "--json")
    assert (code, len(rows)) == (0, 1)
    assert set(FIELDS.split()) <= set(rows[0])
    assert rows[0]["from"] == "王雨晴 <yuqing@example.com>"
    assert rows[0]["date"] == "2026-03-02T07:12:00+00:00"
    assert (rows[0]["outcome"], rows[0]["text"], rows[0]["references"]) == ("message", "还没收到退款。", [])


def test_a_mailbox_becomes_a_line_for_each_mail(tmp_path: Path) -> None:
    file = tmp_path / "box.mbox"
    file.write_text(BOX)
    _, rows, _ = _run(str(file), "--json")
    assert [row["index"] for row in rows] == [0, 1]
    assert "From here on\nFrom Monday" in str(rows[0]["text"])


def test_a_folder_is_read_file_by_file(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "x.eml").write_text(MAIL)
    (tmp_path / "a.eml").write_text("nothing")
    code, rows, _ = _run(str(tmp_path), "--json")
    assert [row["outcome"] for row in rows] == ["quarantined", "message"]
    assert code == 0


@pytest.mark.parametrize("arguments", [[], ["no-such-file.eml"]])
def test_bad_input_is_one_sentence_and_exit_two(arguments: list[str]) -> None:
    code, rows, error = _run(*arguments, "--json")
    assert (code, rows, error.count("\n")) == (2, [], 1)


def test_a_file_that_starts_with_from_but_is_no_mailbox_is_one_mail() -> None:
    assert len(list(mails_in(b"From here we go\nSubject: x\n\ny"))) == 1


@needs_real_mail
def test_all_real_mails_go_through_the_command_without_django() -> None:
    program = (
        "import sys; from careloop.channels.email.commands import mail\n"
        "try: mail()\nfinally: assert 'django' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "parse", str(MAIL_FOLDER), "--json"], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert len([json.loads(line) for line in done.stdout.splitlines()]) >= 160
