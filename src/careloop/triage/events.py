"""What happens to our understanding of a conversation."""

TRIAGE_PREDICTED = "triage.predicted"
TRIAGE_CORRECTED = "triage.corrected"
TRIAGE_CONFIRMED = "triage.confirmed"
TRIAGE_WITHDRAWN = "triage.withdrawn"
REVIEW_SKIPPED = "triage.review_skipped"
MODEL_FAILED = "triage.model_failed"
THRESHOLD_CHANGED = "triage.threshold_changed"
