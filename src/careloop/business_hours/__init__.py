"""Business hours: when we are open, how long that was, and when we open next."""
