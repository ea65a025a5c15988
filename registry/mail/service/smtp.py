"""The way to a mail server by SMTP, as the settings name it."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from registry.mail.domain import Taken
from registry.settings import MailSecurity, Settings

SECONDS = 30
"""How long each answer of the mail server is waited for."""


class Unreachable(OSError):
    """The settings do not lead to a mail server."""


@dataclass(frozen=True, slots=True)
class SmtpTransport:
    """Sends every letter over a connection of its own: a server that drops one loses one."""

    settings: Settings

    def send(self, letter: Taken, now: datetime) -> None:
        """Hand one letter over. Raises `OSError`, of which the errors of `smtplib` and `ssl` are."""
        message = message_of(letter, self.settings.mail_from, now)
        with self._connected() as server:
            server.send_message(message, self.settings.mail_from, [letter.recipient])

    def _connected(self) -> smtplib.SMTP:
        host, port = self.settings.mail_host_and_port
        security = self.settings.mail_security
        if security is MailSecurity.TLS:
            return self._signed_in(smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=ssl.create_default_context()))
        server = smtplib.SMTP(host, port, timeout=SECONDS)
        try:
            if security is MailSecurity.STARTTLS:
                server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
        return self._signed_in(server)

    def _signed_in(self, server: smtplib.SMTP) -> smtplib.SMTP:
        if not self.settings.mail_user:
            return server
        try:
            server.login(self.settings.mail_user, self._password())
        except BaseException:
            server.close()
            raise
        return server

    def _password(self) -> str:
        """Read the password when it is needed, so that it is in no variable and in no page."""
        if not self.settings.mail_password_file:
            raise Unreachable("REGISTRY_MAIL_USER is set, REGISTRY_MAIL_PASSWORD_FILE is not")
        return Path(self.settings.mail_password_file).read_text().strip()


def message_of(letter: Taken, sender: str, now: datetime) -> EmailMessage:
    """Return a letter as the network carries it; the Message-ID is the same at every attempt."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = letter.recipient
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{letter.message_id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    for each in letter.attachments:
        kind, _, subtype = each.media_type.partition("/")
        message.add_attachment(each.content, kind, subtype, filename=each.name)
    message["Content-Language"] = letter.language
    return message
