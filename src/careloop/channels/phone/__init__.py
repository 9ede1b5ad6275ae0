"""The phone: a colleague's record of a call comes in like any other message."""
