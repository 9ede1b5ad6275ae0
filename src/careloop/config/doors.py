"""The doors that are open while the desk runs, each a factory that answers None when not configured."""

DOORS: tuple[str, ...] = (
    "careloop.channels.email.door.smtp_door",
    "careloop.channels.email.door.lmtp_door",
)
