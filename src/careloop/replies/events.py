"""What happens to a reply before it is a message."""

CHECK_OVERRIDDEN = "reply.check_overridden"  # sent although a check stopped it, with the reason
