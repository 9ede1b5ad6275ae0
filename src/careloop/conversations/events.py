"""What happens to a conversation."""

CONVERSATION_CREATED = "conversation.created"
MESSAGE_RECEIVED = "message.received"  # from the customer
MESSAGE_POSTED = "message.posted"  # a reply to the customer
AUTOMATIC_POSTED = "message.automatic_posted"  # an acknowledgement or notice of ours
NOTE_ADDED = "note.added"
COLLEAGUE_MENTIONED = "colleague.mentioned"  # by name, in a note
CONVERSATION_ASSIGNED = "conversation.assigned"
CONVERSATION_SNOOZED = "conversation.snoozed"
CONVERSATION_WOKEN = "conversation.woken"
CONVERSATION_RESOLVED = "conversation.resolved"
CONVERSATION_REOPENED = "conversation.reopened"
CONVERSATION_KIND_SET = "conversation.kind_set"
REVIEW_DONE = "conversation.review_done"
COURTESY_NOTED = "conversation.courtesy_noted"
DELIVERY_SENT = "delivery.sent"
DELIVERY_FAILED = "delivery.failed"
DELIVERY_RETRIED = "delivery.retried"
