"""Look at the questions that came since last time: those no article answers are sorted into groups."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from careloop.common.events import record
from careloop.common.transaction import write
from careloop.conversations.models import Conversation, Message
from careloop.improvements import events
from careloop.improvements.models import GroupedQuestion, Improvement, QuestionGroup, QuestionRun
from careloop.knowledge.models import Article, ArticleText

WINDOW = timedelta(days=28)
# New ones at once, and as many with those that stand in open groups already: together a few seconds and 300 MB.
MOST_QUESTIONS = 2_500
MOST_TOGETHER = 5_000
MOST_SETTLED = 2_000
LONGEST_SECONDS = 600


def look(now: datetime | None = None) -> QuestionRun:
    """Examine what is new in the window, at most so many at once, and group it anew with what was asked before; the
    computing is done in a process of its own. Counts what finished improvements brought.

    Records ``questions.looked_at``. Raises :class:`subprocess.SubprocessError` when that process fails; nothing is
    changed then.
    """
    now = now or timezone.now()
    last = QuestionRun.objects.order_by("-pk").values_list("last_conversation", flat=True).first() or 0
    new = list(
        Conversation.objects.filter(pk__gt=last, created_at__gte=now - WINDOW, created_at__lte=now)
        .order_by("pk").values_list("pk", "subject", "created_at")[:MOST_QUESTIONS]
    )  # fmt: skip
    asked_at = {pk: at for pk, _subject, at in new}
    questions = [*_grouped_already(now, MOST_TOGETHER - len(new)), *_texts({pk: subject for pk, subject, _at in new})]
    grouped = _apart({"questions": questions, "articles": _articles(), "settled": _settled()})
    with write():
        run = QuestionRun.objects.create(
            at=now, since=now - WINDOW, examined=len(new), answered=grouped["answered"],
            last_conversation=new[-1][0] if new else last,
            asked_in_window=Conversation.objects.filter(created_at__gt=now - WINDOW, created_at__lte=now).count(),
        )  # fmt: skip
        _keep(grouped["groups"], asked_at)
        _count_anew(now)
        _count_effects(now)
        record(events.QUESTIONS_LOOKED_AT, subject="question_run", subject_id=run.pk, data={"examined": run.examined})
    return run


def look_at_all() -> None:
    """Until nothing is left that nobody has looked at."""
    while look().examined == MOST_QUESTIONS:
        pass


def _grouped_already(now: datetime, most: int) -> list[tuple[int, str, int]]:
    """The newest questions of open groups, with the group each stands in."""
    rows = (
        GroupedQuestion.objects.filter(asked_at__gt=now - WINDOW, group__state=QuestionGroup.State.OPEN)
        .order_by("-asked_at", "-pk").values_list("conversation", "conversation__subject", "group")[:most]
    )  # fmt: skip
    groups = {conversation: group for conversation, _subject, group in rows}
    texts = _texts({conversation: subject for conversation, subject, _group in rows})
    return [(conversation, text, groups[conversation]) for conversation, text, _key in texts]


def _texts(subjects: Mapping[int, str]) -> list[tuple[int, str, int]]:
    """Of conversations in which something was said, with their subject before it."""
    said = _first_words(sorted(subjects))
    return [(pk, f"{subjects[pk]}\n{said[pk]}", 0) for pk in sorted(said) if said[pk]]


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


def _articles() -> list[tuple[str, str]]:
    rows = ArticleText.objects.filter(is_live=True, article__state=Article.State.PUBLISHED).select_related("article")
    return [(f"{each.title}\n{each.article.keywords}", each.body) for each in rows.order_by("pk")]


def _settled() -> list[tuple[int, dict[str, int]]]:
    rows = QuestionGroup.objects.exclude(state=QuestionGroup.State.OPEN).order_by("-settled_at", "-pk")[:MOST_SETTLED]
    return sorted((row.pk, row.words) for row in rows)


def _apart(asked: dict[str, Any]) -> dict[str, Any]:
    """Computed where it keeps no request waiting; that process neither reads nor writes the database."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "careloop.improvements.grouping"],
        input=json.dumps(asked), capture_output=True, text=True, timeout=LONGEST_SECONDS, check=True, encoding="utf-8",
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _keep(groups: Sequence[dict[str, Any]], asked_at: Mapping[int, datetime]) -> None:
    """Rows of groups and of their questions; an open group whose questions are all in others now is gone."""
    known = QuestionGroup.objects.in_bulk([each["key"] for each in groups if each["key"]])
    stands = dict(
        GroupedQuestion.objects.filter(conversation__in=[pk for each in groups for pk in each["members"]])
        .values_list("conversation", "group")
    )  # fmt: skip
    first = {row.pk: row.first_asked_at for row in known.values()}
    for each in groups:
        moments = [asked_at[pk] for pk in each["members"] if pk in asked_at]
        row = known.get(each["key"])
        if row is None:
            moments = moments or [first[stands[pk]] for pk in each["members"] if stands.get(pk) in first]
            row = QuestionGroup(first_asked_at=min(moments, default=timezone.now()))
            row.last_asked_at = row.first_asked_at
        row.last_asked_at = max(row.last_asked_at, *moments) if moments else row.last_asked_at
        if row.state == QuestionGroup.State.OPEN:
            row.words, row.typical = each["words"], each["typical"]
        row.save()
        _put_into(row, each["members"], stands, asked_at)
    QuestionGroup.objects.filter(state=QuestionGroup.State.OPEN, questions=None).delete()


def _put_into(
    group: QuestionGroup, members: Sequence[int], stands: Mapping[int, int], asked_at: Mapping[int, datetime]
) -> None:
    moved = [pk for pk in members if stands.get(pk, group.pk) != group.pk]
    GroupedQuestion.objects.filter(conversation__in=moved).update(group=group)
    GroupedQuestion.objects.bulk_create(
        [GroupedQuestion(group=group, conversation_id=pk, asked_at=asked_at[pk]) for pk in members if pk not in stands],
        ignore_conflicts=True,
    )


def _count_effects(now: datetime) -> None:
    """How many asked it since it was done, of how many, until as many days are over as the evidence was counted in."""
    rows = Improvement.objects.filter(done_at__gt=now - WINDOW - timedelta(days=7), done_at__lt=now)
    for row in rows.exclude(question=None):
        assert row.done_at is not None
        until = min(now, row.done_at + WINDOW)
        since = Q(asked_at__gt=row.done_at, asked_at__lte=until)
        row.effect = {
            "asked": GroupedQuestion.objects.filter(since, group=row.question_id).count(),
            "of": Conversation.objects.filter(created_at__gt=row.done_at, created_at__lte=until).count(),
            "days": (until - row.done_at).days,
        }
        row.save(update_fields=["effect"])


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
