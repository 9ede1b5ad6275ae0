"""What happens on the road itself."""

STEP_FAILED = "lifecycle.step_failed"
UNDERSTOOD = "message.understood"
