"""What happens to a clock."""

CLOCK_STARTED = "clock.started"
CLOCK_RETARGETED = "clock.retargeted"
CLOCK_WARNED = "clock.warned"
CLOCK_BREACHED = "clock.breached"
CLOCK_MET = "clock.met"
CLOCK_CANCELLED = "clock.cancelled"
FACTS_CHECKED = "conversation.checked"  # the facts were looked up: class B's hour begins
TARGET_CHANGED = "target.changed"
TEAM_HOURS_CHANGED = "team_hours.changed"
CLOCKS_RECOMPUTED = "clocks.recomputed"  # running clocks follow a change of hours or targets
