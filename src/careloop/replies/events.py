"""What happens to a reply before it is a message."""

CHECK_OVERRIDDEN = "reply.check_overridden"  # sent although a check stopped it, with the reason
SUGGESTION_USED = "suggestion.used"  # a colleague put a suggested answer into the composer
SUGGESTION_DISMISSED = "suggestion.dismissed"  # a colleague put it away as unfitting
