"""What is done with letters: queued with a deed, sent later, queued anew by the administrator."""

from registry.mail.service.delivery import Sent, Transport, send_due
from registry.mail.service.outbox import queue, retry
from registry.mail.service.smtp import SmtpTransport, Unreachable, message_of

__all__ = ["Sent", "SmtpTransport", "Transport", "Unreachable", "message_of", "queue", "retry", "send_due"]
