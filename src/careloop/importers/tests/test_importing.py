"""``careloop import``: seed A's header and others, rejected rows, doubles, resuming (missions 24, 25)."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from careloop.conversations.models import Conversation, Message
from careloop.importers.commands import import_
from careloop.importers.labels import code_of
from careloop.importers.models import ImportRun
from careloop.intake.models import RawMessage
from careloop.triage.models import Prediction

pytestmark = pytest.mark.django_db

SEED_A = """投诉内容,投诉时间,投诉类型,投诉程度
我购买的产品出现了质量问题，无法正常使用。,2025-03-01 09:30:00,产品质量,严重
客服态度很差，等了一个小时没人理。,2025/03/02 10:00,服务,中等
,2025-03-03,价格,轻微
涨价没有提前通知。,去年某天,价格,轻微

"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(import_, [str(each) for each in arguments])


@pytest.fixture
def seed_a(tmp_path: Path) -> Path:
    path = tmp_path / "complaints.csv"
    path.write_text(SEED_A, encoding="utf-8")
    return path


def counts(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_the_header_of_seed_a_is_understood(seed_a: Path, api_inbox: Any) -> None:
    assert counts(run(seed_a, "--inbox", "api"))["accepted"] == 2
    first = Message.objects.order_by("pk").first()
    assert first is not None
    assert first.text == "我购买的产品出现了质量问题，无法正常使用。"
    assert first.created_at.isoformat() == "2025-03-01T01:30:00+00:00"
    assert first.channel_data["labels"] == {"nature": "产品质量", "severity": "严重"}


def test_labels_that_people_gave_hold_and_are_kept_for_learning(seed_a: Path, api_inbox: Any) -> None:
    run(seed_a, "--inbox", "api")
    labels = Prediction.objects.current().filter(source="import").order_by("conversation", "head")
    assert list(labels.values_list("head", "label")) == [
        ("nature", "quality"), ("severity", "severe"), ("nature", "service"), ("severity", "moderate"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("head", "label", "code"),
    [
        ("nature", " 质量 ", "quality"),
        ("severity", "HIGH", "severe"),
        ("nature", "quality", "quality"),
        ("nature", "城建", ""),
    ],
)
def test_labels_of_other_systems_are_read(head: str, label: str, code: str) -> None:
    assert code_of(head, label) == code


def test_rejected_rows_are_written_with_line_and_reason(seed_a: Path, api_inbox: Any) -> None:
    assert counts(run(seed_a, "--inbox", "api"))["rejected"] == 3
    with seed_a.with_name("complaints.csv.rejected.csv").open(encoding="utf-8-sig") as file:
        rejected = [(row["line"], row["reason"]) for row in csv.DictReader(file)]
    assert rejected == [
        ("4", "the text is empty"),
        ("5", "the time '去年某天' cannot be read"),
        ("6", "the row is empty"),
    ]


def test_a_second_import_makes_no_doubles(seed_a: Path, api_inbox: Any) -> None:
    run(seed_a, "--inbox", "api")
    assert counts(run(seed_a, "--inbox", "api")) == {
        "file": "complaints.csv", "dry_run": False, "accepted": 0, "already_there": 2, "rejected": 3,
    }  # fmt: skip
    assert Message.objects.count() == 2


def test_a_dry_run_stores_nothing_and_needs_no_inbox(seed_a: Path) -> None:
    assert counts(run(seed_a, "--inbox", "none", "--dry-run"))["accepted"] == 2
    assert not RawMessage.objects.exists()


def test_an_interrupted_import_goes_on_where_it_stopped(tmp_path: Path, api_inbox: Any) -> None:
    from careloop.importers import services

    path = tmp_path / "many.csv"
    path.write_text("text,id\n" + "".join(f"complaint {n},{n}\n" for n in range(1, 121)))
    results = services.carry(
        services.begin(path, api_inbox, resume=False), services.read(path, {}, _utc()), is_live=False
    )
    for _ in range(70):
        next(results)
    results.close()
    assert ImportRun.objects.get().position == 50
    outcome = counts(run(path, "--inbox", "api", "--resume"))
    assert outcome["accepted"] + outcome["already_there"] == 71
    assert Message.objects.count() == 120


def test_columns_are_mapped_by_name_joined_or_chosen(tmp_path: Path, api_inbox: Any) -> None:
    path = tmp_path / "cfpb.csv"
    path.write_text("Story,Issue,Sub\nA story,x,y\n,Wrong fee,Late fee\n")
    counts(run(path, "--inbox", "api", "--map", "text=Story|Issue+Sub"))
    assert sorted(Message.objects.values_list("text", flat=True)) == ["A story", "Wrong fee\nLate fee"]


def test_an_official_reply_becomes_history(tmp_path: Path, api_inbox: Any) -> None:
    path = tmp_path / "gov.jsonl"
    row = {
        "body": "路灯坏了三天",
        "created_at": "2020-01-01 08:00:00",
        "reply": "已修复。",
        "replied_at": "2020-01-03 08:00:00",
    }
    path.write_text(json.dumps(row, ensure_ascii=False) + "\n[1]\n{bad\n")
    assert counts(run(path, "--inbox", "api"))["rejected"] == 2
    conversation = Conversation.objects.get()
    assert (conversation.state, conversation.messages.count()) == ("resolved", 2)
    assert not hasattr(conversation.messages.get(kind="reply"), "delivery")


def test_a_gb18030_spreadsheet_is_read(tmp_path: Path, api_inbox: Any) -> None:
    path = tmp_path / "excel.csv"
    path.write_bytes("投诉内容,姓名\n快递一直没到,李国强\n".encode("gb18030"))
    counts(run(path, "--inbox", "api"))
    assert Conversation.objects.get().customer.name == "李国强"


@pytest.mark.parametrize(
    ("name", "content", "arguments", "sentence"),
    [
        ("none.csv", None, [], "There is no file"),
        ("a.csv", "", [], "The file is empty"),
        ("a.csv", "x,y\n1,2\n", [], "No column holds the customer's words"),
        ("a.csv", "text\n1\n", ["--map", "text=Nope"], "There is no column 'Nope'"),
        ("a.csv", "text\n1\n", ["--map", "colour=text"], "There is no field 'colour'"),
        ("a.csv", "text\n1\n", ["--map", "nonsense"], "--map wants FIELD=COLUMN"),
        ("a.csv", "text\n1\n", ["--zone", "Moon/Base"], "There is no time zone"),
        ("a.xlsx", "PK", [], "Files ending in .xlsx are not known"),
        ("a.csv", "text\n1\n", [], "There is no inbox 'api'"),
    ],
)
def test_bad_input_ends_with_two_and_a_sentence(
    tmp_path: Path, name: str, content: str | None, arguments: list[str], sentence: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    result = run(path, "--inbox", "api", *arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr


def _data() -> Path:
    return Path(os.environ.get("CARELOOP_DATA", Path(__file__).parents[5] / "shared" / "data"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "maps", "at_least"),
    [
        ("gov_messages_zh/replies_train.csv.gz", [], 2290),
        ("cfpb/narratives_train.csv.gz", [], 1630),
        ("cfpb/records_train.csv.gz", ["--map", "text=Consumer complaint narrative|Issue+Sub-issue"], 1650),
    ],
)
def test_real_files_come_in_whole(api_inbox: Any, tmp_path: Path, file: str, maps: list[str], at_least: int) -> None:
    source = _data() / file
    if not source.exists():
        pytest.skip(f"real data are not here: set CARELOOP_DATA to the folder that holds {file}")
    path = tmp_path / source.name
    path.write_bytes(source.read_bytes())
    outcome = counts(run(path, "--inbox", "api", *maps))
    assert outcome["accepted"] + outcome["already_there"] >= at_least
    assert outcome["rejected"] <= 10


def _utc() -> Any:
    from zoneinfo import ZoneInfo

    return ZoneInfo("UTC")
