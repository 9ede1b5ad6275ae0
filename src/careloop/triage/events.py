"""What happens to our understanding of a conversation."""

TRIAGE_PREDICTED = "triage.predicted"
TRIAGE_CORRECTED = "triage.corrected"
MODEL_FAILED = "triage.model_failed"
THRESHOLD_CHANGED = "triage.threshold_changed"
