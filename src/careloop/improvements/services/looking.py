"""Look at the questions that came since last time: those no article answers are sorted into groups."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from careloop.common.events import record
from careloop.common.transaction import write
from careloop.conversations.models import Conversation, Message
from careloop.improvements import events
from careloop.improvements.models import GroupedQuestion, QuestionGroup, QuestionRun
from careloop.knowledge.models import Article, ArticleText

WINDOW = timedelta(days=28)
MOST_QUESTIONS = 5_000
MOST_LEADERS = 2_000
LONGEST_SECONDS = 600


def look(now: datetime | None = None) -> QuestionRun:
    """Examine what is new in the window, at most so many at once; the computing is done in a process of its own.

    Records ``questions.looked_at``. Raises :class:`subprocess.SubprocessError` when that process fails; nothing is
    changed then.
    """
    now = now or timezone.now()
    last = QuestionRun.objects.order_by("-pk").values_list("last_conversation", flat=True).first() or 0
    new = list(
        Conversation.objects.filter(pk__gt=last, created_at__gte=now - WINDOW, created_at__lte=now)
        .order_by("pk").values_list("pk", "subject", "created_at")[:MOST_QUESTIONS]
    )  # fmt: skip
    texts = _first_words([pk for pk, _subject, _at in new])
    questions = [(pk, f"{subject}\n{texts[pk]}") for pk, subject, _at in new if texts.get(pk)]
    grouped = _apart({"questions": questions, "articles": _articles(), "leaders": _leaders()})
    asked_at = {pk: at for pk, _subject, at in new}
    with write():
        run = QuestionRun.objects.create(
            at=now, since=now - WINDOW, examined=len(questions), answered=grouped["answered"],
            last_conversation=new[-1][0] if new else last,
            asked_in_window=Conversation.objects.filter(created_at__gt=now - WINDOW, created_at__lte=now).count(),
        )  # fmt: skip
        for group in grouped["groups"]:
            if group["members"]:
                _keep(group, asked_at)
        _count_anew(now)
        record(events.QUESTIONS_LOOKED_AT, subject="question_run", subject_id=run.pk, data={"examined": run.examined})
    return run


def _first_words(conversations: list[int]) -> dict[int, str]:
    """What each customer wrote first."""
    found: dict[int, str] = {}
    for start in range(0, len(conversations), 500):
        said = Message.objects.filter(
            conversation__in=conversations[start : start + 500], kind__in=(Message.Kind.CUSTOMER, Message.Kind.PHONE)
        )
        for conversation, text in said.order_by("-id").values_list("conversation", "text"):
            found[conversation] = text
    return found


def _articles() -> list[str]:
    rows = ArticleText.objects.filter(is_live=True, article__state=Article.State.PUBLISHED).select_related("article")
    return [f"{each.title}\n{each.article.keywords}\n{each.body}" for each in rows.order_by("pk")]


def _leaders() -> list[tuple[int, dict[str, int]]]:
    rows = QuestionGroup.objects.order_by("-last_asked_at", "-pk")[:MOST_LEADERS]
    return sorted((row.pk, row.words) for row in rows)


def _apart(asked: dict[str, Any]) -> dict[str, Any]:
    """Computed where it keeps no request waiting; that process neither reads nor writes the database."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "careloop.improvements.grouping"],
        input=json.dumps(asked), capture_output=True, text=True, timeout=LONGEST_SECONDS, check=True, encoding="utf-8",
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _keep(group: dict[str, Any], asked_at: dict[int, datetime]) -> None:
    moments = [asked_at[pk] for pk in group["members"]]
    row = QuestionGroup.objects.filter(pk=group["key"]).first()
    if row is None:
        row = QuestionGroup(first_asked_at=min(moments), last_asked_at=max(moments))
    row.words = group["words"]
    row.last_asked_at = max(row.last_asked_at, *moments)
    row.save()
    GroupedQuestion.objects.bulk_create(
        [GroupedQuestion(group=row, conversation_id=pk, asked_at=asked_at[pk]) for pk in group["members"]],
        ignore_conflicts=True,
    )


def _count_anew(now: datetime) -> None:
    """How many asked in this window and in the one before; groups that nobody asks any more sink to nothing."""
    this, last = Q(asked_at__gt=now - WINDOW), Q(asked_at__gt=now - 2 * WINDOW, asked_at__lte=now - WINDOW)
    rows = GroupedQuestion.objects.filter(asked_at__gt=now - 2 * WINDOW, asked_at__lte=now)
    counts = {
        each["group"]: each
        for each in rows.values("group").annotate(recent=Count("pk", filter=this), before=Count("pk", filter=last))
    }
    changed = []
    for row in QuestionGroup.objects.filter(Q(pk__in=counts) | Q(recent__gt=0) | Q(before__gt=0)):
        found = counts.get(row.pk, {"recent": 0, "before": 0})
        row.recent, row.before = found["recent"], found["before"]
        changed.append(row)
    QuestionGroup.objects.bulk_update(changed, ["recent", "before"], batch_size=200)
