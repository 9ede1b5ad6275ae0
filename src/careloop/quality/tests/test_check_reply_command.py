"""`careloop check-reply`: JSON alone on stdout, exit 0 with findings, 2 and a sentence on bad input."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

CLEAN = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "PYTHONIOENCODING": "utf-8"}


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "careloop.cli", "check-reply", *arguments],
        input=stdin, capture_output=True, env=CLEAN, timeout=60, check=False,
    )  # fmt: skip


def test_findings_come_as_json_without_any_setting() -> None:
    done = run("--lang", "zh", "--kind", "complaint", "--text", "这不归我们管，您找快递吧。", "--json")

    findings = json.loads(done.stdout)["findings"]
    assert done.returncode == 0
    assert {"blame_shifting", "missing_apology", "missing_empathy"} <= {each["check"] for each in findings}
    assert all(set(each) == {"check", "level", "start", "end", "better"} for each in findings)


def test_a_good_reply_has_no_findings() -> None:
    done = run("--lang", "en", "--text", "Your new bottle ships today and arrives on Friday.", "--json")

    assert (done.returncode, json.loads(done.stdout)) == (0, {"findings": []})


def test_the_reply_may_come_from_a_file_or_standard_input(tmp_path: Path) -> None:
    draft = tmp_path / "draft.txt"
    draft.write_text("这不归我们管。", encoding="utf-8")

    from_file = run("--lang", "zh", "--file", str(draft), "--json")
    from_stdin = run("--lang", "zh", "--json", stdin="这不归我们管。".encode())

    assert from_file.stdout == from_stdin.stdout
    assert json.loads(from_file.stdout)["findings"][0]["check"] == "blame_shifting"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--lang", "fr", "--text", "bonjour", "--json"),
        ("--lang", "zh", "--text", "  ", "--json"),
        ("--text", "hello", "--json"),
        ("--lang", "en", "--file", "/nonexistent/draft.txt", "--json"),
    ],
)
def test_bad_input_ends_with_two_and_a_sentence(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)

    assert done.returncode == 2
    assert done.stdout == b""
    assert len(done.stderr.decode().strip().splitlines()) == 1
    assert done.stderr.decode().strip()[-1] == "."


def test_people_read_lines() -> None:
    done = run("--lang", "zh", "--text", "这不归我们管。")

    assert "Shifts the blame" in done.stdout.decode()
