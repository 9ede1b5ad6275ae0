"""How sending mail can fail.

DeliveryError
├── TemporaryDeliveryError   try again later (4xx, a cap for people's mail)
│   └── RelayUnreachable     our own mail server is the trouble (no connection, refused sign-in)
└── PermanentDeliveryError   trying again cannot help (5xx, no address, cap reached)
"""


class DeliveryError(Exception):
    """``str()`` is a sentence for the thread."""


class TemporaryDeliveryError(DeliveryError):
    """The relay may take the mail later."""


class RelayUnreachable(TemporaryDeliveryError):
    """No mail can go out through this relay now; the breaker counts these."""


class PermanentDeliveryError(DeliveryError):
    """The relay will never take this mail, or we must not send it."""


class MailboxUnreachable(Exception):
    """A mailbox cannot be read now: no connection, refused sign-in, missing folder. ``str()`` is a sentence."""
