"""A note that names a colleague reaches them, if they may see the conversation at all."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from careloop.accounts.models import Team, User
from careloop.common.models.event import Event
from careloop.conversations.models import Conversation, Mention
from careloop.conversations.services.holding import assign
from careloop.conversations.services.mentioning import colleagues_of, naming_in, read_mentions
from careloop.conversations.services.posting import post_note, post_reply


def test_a_named_colleague_finds_the_note_among_their_mentions(lin: User, chen: User, complaint: Conversation) -> None:
    note = post_note(complaint, by=lin, text="财务确认：需改为打款到新卡。@陈主管请批准，@Chen 谢谢")
    mention = Mention.objects.get()
    assert (mention.user, mention.message, mention.conversation, mention.read_at) == (chen, note, complaint, None)
    event = Event.objects.get(name="colleague.mentioned")
    assert (event.actor, event.conversation_id, event.subject_id) == (lin, complaint.pk, mention.pk)
    assert event.data == {"user": chen.pk}
    assert note.channel_data == {"mentions": ["@陈主管", "@Chen"]}


def test_who_may_not_see_it_is_not_told(lin: User, bob: User, complaint: Conversation) -> None:
    note = post_note(complaint, by=lin, text="@Bob 你怎么看")
    assert not Mention.objects.exists()
    assert list(naming_in(complaint, note.text).in_vain) == [bob]
    assert note.channel_data == {}


def test_what_has_no_team_yet_can_reach_anybody(lin: User, bob: User, complaint: Conversation) -> None:
    Conversation.objects.update(team=None)
    complaint.refresh_from_db()
    post_note(complaint, by=lin, text="@bob 是你们的吗")
    assert Mention.objects.get().user == bob


def test_an_administrator_can_be_called_everywhere(lin: User, admin: User, complaint: Conversation) -> None:
    post_note(complaint, by=lin, text="@Administrator please look")
    assert Mention.objects.get().user == admin


@pytest.mark.parametrize("text", ["@林晓 自己记一下", "没有人", "mail lin@hemu.example"])
def test_nobody_is_told_of_their_own_note_or_of_none(lin: User, complaint: Conversation, text: str) -> None:
    post_note(complaint, by=lin, text=text)
    assert not Mention.objects.exists()


def test_who_has_left_is_not_told(lin: User, chen: User, complaint: Conversation) -> None:
    User.objects.filter(pk=chen.pk).update(is_active=False)
    post_note(complaint, by=lin, text="@陈主管 在吗")
    assert not Mention.objects.exists()


def test_a_reply_to_the_customer_mentions_nobody(lin: User, chen: User, complaint: Conversation) -> None:
    post_reply(complaint, by=lin, text="@陈主管 您好")
    assert not Mention.objects.exists()


def test_looking_reads_ones_own_mentions_only(lin: User, chen: User, admin: User, complaint: Conversation) -> None:
    post_note(complaint, by=lin, text="@陈主管 @Administrator 请看")
    assert Conversation.objects.naming_unread(chen).get() == complaint
    assert read_mentions(complaint, by=chen) == 1
    assert read_mentions(complaint, by=chen) == 0
    assert not Conversation.objects.naming_unread(chen).exists()
    assert Conversation.objects.mentioning(chen).get() == complaint
    assert Conversation.objects.with_mention(admin).get().is_mention_unread


@pytest.mark.parametrize("team_slug", ["care", "wholesale", None])
def test_who_can_be_called_are_those_who_may_see_it(
    lin: User, chen: User, bob: User, admin: User, complaint: Conversation, team_slug: str | None
) -> None:
    Conversation.objects.update(team=Team.objects.filter(slug=team_slug).first())
    complaint.refresh_from_db()
    may_see = {user for user in (lin, chen, bob, admin) if Conversation.objects.visible_to(user).exists()}
    assert set(colleagues_of(complaint)) == may_see


def test_a_note_without_the_sign_costs_no_question(lin: User, complaint: Conversation) -> None:
    with CaptureQueriesContext(connection) as captured:
        naming_in(complaint, "nobody is named")
    assert len(captured) == 0


def test_a_row_can_say_why_its_owner_has_it(lin: User, chen: User, care_team: Team, complaint: Conversation) -> None:
    assign(complaint, user=lin, team=care_team, by=chen, reason="您最熟悉")
    row = Conversation.objects.with_holding().get()
    assert (row.given_because, row.given_by_name) == ("您最熟悉", "陈主管")
