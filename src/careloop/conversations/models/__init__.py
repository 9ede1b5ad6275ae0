from careloop.conversations.models.conversation import Conversation, Kind, State
from careloop.conversations.models.inbox import Inbox
from careloop.conversations.models.mention import Mention
from careloop.conversations.models.message import Attachment, Delivery, Message
from careloop.conversations.models.states import Assignment, Resolution, Snooze

__all__ = [
    "Assignment",
    "Attachment",
    "Conversation",
    "Delivery",
    "Inbox",
    "Kind",
    "Mention",
    "Message",
    "Resolution",
    "Snooze",
    "State",
]
