"""What happens to an inbox's account."""

INBOX_CONNECTED = "inbox.connected"
