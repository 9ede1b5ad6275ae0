"""What happens to a clock."""

CLOCK_STARTED = "clock.started"
CLOCK_RETARGETED = "clock.retargeted"
CLOCK_WARNED = "clock.warned"
CLOCK_BREACHED = "clock.breached"
CLOCK_MET = "clock.met"
CLOCK_CANCELLED = "clock.cancelled"
CLOCK_EXTENDED = "clock.extended"  # the law grants more time, and somebody took it
CLOCK_PAUSED = "clock.paused"
CLOCK_RESUMED = "clock.resumed"
CLOCK_PASSED = "clock.passed"  # a time that was nobody's debt is over
LAW_WITHDRAWN = "law.withdrawn"  # it does not count with this conversation after all
LAW_SWITCHED_ON = "law.switched_on"
LAW_SWITCHED_OFF = "law.switched_off"
FACTS_CHECKED = "conversation.checked"  # the facts were looked up: class B's hour begins
TARGET_CHANGED = "target.changed"
TEAM_HOURS_CHANGED = "team_hours.changed"
CLOCKS_RECOMPUTED = "clocks.recomputed"  # running clocks follow a change of hours or targets
