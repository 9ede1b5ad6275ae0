"""What happens in the queue."""

QUEUE_FLAGGED = "queue.flagged"  # a person marked danger, or took the mark away
QUEUE_HELD = "queue.held"  # nobody fits yet; says why
SIMULATION_ASKED = "simulation.asked"  # how other weights would have served the last months
PRIORITY_CHANGED = "priority.changed"  # an administrator changed the weights
