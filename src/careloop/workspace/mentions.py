"""Looking at a conversation reads what named the person there."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse

from careloop.conversations.models import Conversation
from careloop.conversations.services.mentioning import read_mentions
from careloop.workspace.access import person
from careloop.workspace.counts import forget_counts


def looked_at(request: HttpRequest, conversation: Conversation, response: HttpResponse) -> HttpResponse:
    """The answer that shows the conversation; if it read a mention, the lists are asked to refresh.

    Whether there is one was asked with the conversation itself, so an ordinary look costs nothing.
    """
    if conversation.is_mention_unread:
        read_mentions(conversation, by=person(request))
        forget_counts(person(request))
        response.headers["HX-Trigger-After-Settle"] = json.dumps({"live-list": {}})
    return response
