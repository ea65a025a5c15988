"""All settings, read once from ``REGISTRY_*`` variables into one frozen value."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

PREFIX = "REGISTRY_"
COUNTRY = "KG"
"""The reporting country where the settings name no other."""


class MailSecurity(StrEnum):
    """How the way to the mail server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


MAIL_PORTS = {MailSecurity.STARTTLS: 587, MailSecurity.TLS: 465, MailSecurity.NONE: 25}
"""The usual port of each, where the address of the server names none."""

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})


def _described(default: object, text: str) -> object:
    return field(default=default, metadata={"text": text})


@dataclass(frozen=True, slots=True)
class Settings:
    """One field, one variable: `database_url` is read from ``REGISTRY_DATABASE_URL``."""

    database_url: str = _described("", "SQLAlchemy address of the database; empty: SQLite in instance/registry.db")  # type: ignore[assignment]
    secret_key: str = _described("", "Key that signs forms; empty: made once and kept in instance/secret_key")  # type: ignore[assignment]
    timezone: str = _described("Asia/Bishkek", "Time zone of the country; a day is a day there")  # type: ignore[assignment]
    country: str = _described(COUNTRY, "ISO 3166 code of the reporting country")  # type: ignore[assignment]
    authority: str = _described("", "Name of the competent authority, as printed on the returns")  # type: ignore[assignment]
    language: str = _described("en", "Language of the command line: ky, ru or en")  # type: ignore[assignment]
    instance: str = _described("instance", "Folder for the SQLite file, the secret key and backups")  # type: ignore[assignment]
    secure_cookies: bool = _described(False, "Send cookies over HTTPS only; switch on in production")  # type: ignore[assignment]  # noqa: FBT003
    log_format: str = _described("console", "Form of the log: json or console")  # type: ignore[assignment]
    mail_server: str = _described("", "Mail server host:port; empty: letters wait and none is sent")  # type: ignore[assignment]
    mail_from: str = _described("", "Address letters come from; without it none is sent")  # type: ignore[assignment]
    mail_security: MailSecurity = _described(  # type: ignore[assignment]  # noqa: RUF009 - a word, as the others
        MailSecurity.STARTTLS, "Protection of the way to the mail server: starttls, tls or none"
    )
    mail_user: str = _described("", "Name the registry signs in with at the mail server; empty: it does not sign in")  # type: ignore[assignment]
    mail_password_file: str = _described("", "File that holds the password for it, readable by the service only")  # type: ignore[assignment]
    address: str = _described(  # type: ignore[assignment]
        "http://127.0.0.1:8000", "Address people outside reach the registry by; it stands in the QR code of documents"
    )
    signing_key_file: str = _described(
        "", "PKCS#12 file with the key that signs documents; without a key no document is made"
    )  # type: ignore[assignment]
    signing_password_file: str = _described("", "File with the password of the key, or with the PIN of the device")  # type: ignore[assignment]
    signing_pkcs11_library: str = _described("", "PKCS#11 library of a device that holds the key, instead of a file")  # type: ignore[assignment]
    signing_pkcs11_token: str = _described("", "Label of the token in that device; empty: the first one")  # type: ignore[assignment]
    signing_pkcs11_label: str = _described("", "Label of the certificate in that device")  # type: ignore[assignment]
    session_idle_minutes: int = _described(30, "Minutes without a click after which a session ends")  # type: ignore[assignment]
    session_hours: int = _described(12, "Hours after which a session ends in any case")  # type: ignore[assignment]
    hosts: str = _described("", "Names people reach the registry by, separated by commas; empty: any")  # type: ignore[assignment]
    proxies: int = _described(0, "Number of proxies in front whose forwarded address is believed")  # type: ignore[assignment]
    upload_megabytes: int = _described(20, "Largest file taken in, in megabytes")  # type: ignore[assignment]
    upload_rows: int = _described(200_000, "Most rows of one file")  # type: ignore[assignment]

    @property
    def zone(self) -> ZoneInfo:
        """Return the country's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def signs(self) -> bool:
        """Say whether a signing key is set; whether it works is seen when it is used."""
        return bool(self.signing_key_file or self.signing_pkcs11_library)

    @property
    def sends_mail(self) -> bool:
        """Say whether letters can leave: there is a server, and an address they come from."""
        return bool(self.mail_server and self.mail_from)

    @property
    def mail_host_and_port(self) -> tuple[str, int]:
        """Return where the mail server is; the port follows from the protection where none is named."""
        host, colon, port = self.mail_server.rpartition(":")
        if colon and port.isdecimal() and port.isascii():
            return host.strip("[]"), int(port)
        return self.mail_server.strip("[]"), MAIL_PORTS[self.mail_security]

    @property
    def instance_path(self) -> Path:
        """Return the instance folder as an absolute path."""
        return Path(self.instance).resolve()

    @property
    def database(self) -> str:
        """Return the database address, SQLite in the instance folder when none is set."""
        return self.database_url or f"sqlite:///{self.instance_path / 'registry.db'}"


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; raise ValueError naming a variable that cannot be read."""
    source = os.environ if environment is None else environment
    values: dict[str, object] = {}
    for item in fields(Settings):
        name = PREFIX + item.name.upper()
        if name in source:
            values[item.name] = _read(name, source[name], type(item.default))
    return Settings(**values)  # type: ignore[arg-type]


def _read(name: str, text: str, kind: type) -> object:
    if kind is bool:
        return text.strip().lower() in TRUE_WORDS
    if issubclass(kind, StrEnum):
        known = ", ".join(kind)
        if text.strip().lower() not in list(kind):
            raise ValueError(f"{name} must be one of {known}, not {text!r}")
        return kind(text.strip().lower())
    if kind is int:
        try:
            return int(text)
        except ValueError:
            raise ValueError(f"{name} must be a whole number, not {text!r}") from None
    return text
