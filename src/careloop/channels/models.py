from careloop.channels.email.models import Acknowledgement, MailboxCursor, MailSent, SendingBreaker

__all__ = ["Acknowledgement", "MailSent", "MailboxCursor", "SendingBreaker"]
