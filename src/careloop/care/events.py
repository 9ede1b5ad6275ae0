"""What happens to a follow-up, and to what we expect of customers."""

FOLLOW_UP_OPENED = "follow_up.opened"
FOLLOW_UP_DONE = "follow_up.done"
FOLLOW_UP_SKIPPED = "follow_up.skipped"
FOLLOW_UP_CANCELLED = "follow_up.cancelled"  # the matter was opened again
FOLLOW_UP_GIVEN = "follow_up.given"  # to another owner
RHYTHM_FITTED = "customers.rhythm_fitted"  # how customers buy here was learned anew
