"""What happens in the queue."""

QUEUE_FLAGGED = "queue.flagged"  # a person marked danger, or took the mark away
QUEUE_HELD = "queue.held"  # nobody fits yet; says why
PRIORITY_CHANGED = "priority.changed"  # an administrator changed the weights
