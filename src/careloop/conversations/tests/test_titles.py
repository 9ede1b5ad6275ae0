"""What a conversation is called in lists and headings."""

import pytest

from careloop.accounts.models import User
from careloop.conversations.models import Conversation, Inbox
from careloop.conversations.services.posting import Content, add_customer_message, post_reply
from careloop.conversations.services.starting import start
from careloop.customers.models import Customer

pytestmark = pytest.mark.django_db
FIRST = "面霜用了三天，\n脸上起了红疹。"


def test_a_subject_is_the_title(email_inbox: Inbox, mei: Customer) -> None:
    assert (
        start(inbox=email_inbox, customer=mei, subject="  Where is\nmy order? ", opening=FIRST).title
        == "Where is my order?"
    )


def test_without_a_subject_the_words_it_began_with_stay_the_title(email_inbox: Inbox, mei: Customer, lin: User) -> None:
    conversation = start(inbox=email_inbox, customer=mei, opening=FIRST)
    add_customer_message(conversation, Content(text=FIRST), customer=mei)
    post_reply(conversation, by=lin, text="非常抱歉，我们马上处理。")
    kept = Conversation.objects.get(pk=conversation.pk)
    assert kept.title == "面霜用了三天， 脸上起了红疹。"
    assert kept.preview == "非常抱歉，我们马上处理。"


def test_a_very_long_beginning_is_cut(email_inbox: Inbox, mei: Customer) -> None:
    assert len(start(inbox=email_inbox, customer=mei, opening="退款 " * 5000).title) == 160
