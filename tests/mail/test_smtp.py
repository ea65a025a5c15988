"""The way to the mail server: protection, signing in, and no falling back to an open way."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.kernel.email import as_email
from registry.kernel.fields import BadCell
from registry.mail.domain import Taken
from registry.mail.service import SmtpTransport
from registry.settings import MailSecurity, Settings, from_environment
from tests.conftest import NOW
from tests.mail.peer import Peer, listening

LETTER = Taken(1, "id", 1, "asel@example.kg", "en", "Hello", "A word")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost with its key, made here and trusted by nobody unless told."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl here to make a certificate with")
    folder = tmp_path_factory.mktemp("certificate")
    key, kept = folder / "key.pem", folder / "both.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(folder / "cert.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    kept.write_text(key.read_text() + (folder / "cert.pem").read_text())
    return kept


@pytest.fixture
def password_file(tmp_path: Path) -> Iterator[str]:
    path = tmp_path / "password"
    path.write_text("s3cret\n")
    return str(path)  # type: ignore[return-value]


def settings(peer: Peer, security: MailSecurity, **more: str) -> Settings:
    return Settings(mail_server=peer.address, mail_from="registry@authority.kg", mail_security=security, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("security", [MailSecurity.TLS, MailSecurity.STARTTLS])
def test_a_protected_way_is_used_and_its_certificate_checked(
    certificate: Path, security: MailSecurity, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = {"tls": True} if security is MailSecurity.TLS else {"starttls": True}
    with listening(Peer(certificate, **kind)) as peer:
        with pytest.raises(OSError, match="certificate"):
            SmtpTransport(settings(peer, security)).send(LETTER, NOW)
        assert peer.letters == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        SmtpTransport(settings(peer, security)).send(LETTER, NOW)
        assert len(peer.letters) == 1


def test_a_server_without_protection_gets_nothing_unless_the_settings_say_so(password_file: str) -> None:
    """The seeded fault: a way that was stripped of STARTTLS. Neither letter nor password may go over it."""
    with listening(Peer()) as peer:
        peer.users = {"registry": "s3cret"}
        way = SmtpTransport(
            settings(peer, MailSecurity.STARTTLS, mail_user="registry", mail_password_file=password_file)
        )
        with pytest.raises(OSError, match="STARTTLS"):
            way.send(LETTER, NOW)
        assert peer.letters == []
        assert [line.split(" ")[0].upper() for line in peer.seen] == ["EHLO"]


def test_the_registry_signs_in_with_the_password_of_the_file(password_file: str, tmp_path: Path) -> None:
    with listening(Peer()) as peer:
        peer.users = {"registry": "s3cret"}
        chosen = {"mail_user": "registry", "mail_password_file": password_file}
        SmtpTransport(settings(peer, MailSecurity.NONE, **chosen)).send(LETTER, NOW)
        assert len(peer.letters) == 1
        peer.users = {"registry": "another"}
        with pytest.raises(OSError, match="535"):
            SmtpTransport(settings(peer, MailSecurity.NONE, **chosen)).send(LETTER, NOW)
        for missing in ("", str(tmp_path / "none")):
            with pytest.raises(OSError):  # noqa: PT011 - named or not there
                SmtpTransport(settings(peer, MailSecurity.NONE, mail_user="registry", mail_password_file=missing)).send(
                    LETTER, NOW
                )
        assert len(peer.letters) == 1


@pytest.mark.parametrize(
    ("server", "security", "where"),
    [
        ("mail.kg:2525", "starttls", ("mail.kg", 2525)),
        ("mail.kg", "starttls", ("mail.kg", 587)),
        ("mail.kg", "TLS", ("mail.kg", 465)),
        ("mail.kg", "none", ("mail.kg", 25)),
        ("[::1]:25", "none", ("::1", 25)),
    ],
)
def test_the_address_of_the_server(server: str, security: str, where: tuple[str, int]) -> None:
    read = from_environment({"REGISTRY_MAIL_SERVER": server, "REGISTRY_MAIL_SECURITY": security})
    assert read.mail_host_and_port == where
    assert not read.sends_mail, "no address to send from"


def test_an_unknown_protection_stops_the_start() -> None:
    with pytest.raises(ValueError, match="REGISTRY_MAIL_SECURITY must be one of starttls, tls, none"):
        from_environment({"REGISTRY_MAIL_SECURITY": "ssl"})


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" asel@Example.KG ", "asel@example.kg"),
        ("a.b+c@mail.example.kg", "a.b+c@mail.example.kg"),
        ("office@минздрав.кг", "office@xn--80aeelexi0a.xn--c1an"),
    ],
)
def test_an_address_is_kept_as_the_network_spells_it(typed: str, kept: str) -> None:
    assert as_email(typed) == kept
    assert as_email(kept) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "asel", "asel@", "@example.kg", "asel@kg", "a b@example.kg", "a@b@example.kg", "a..b@example.kg", ".a@example.kg",
        "a@example..kg", "a@-example.kg", "a@192.168.0.1", "a@[192.168.0.1]", "a@example.kg,b@example.kg",
        "a@example.kg\nBcc: b@example.kg", "Asel <a@example.kg>", "\"a b\"@example.kg", "асель@example.kg",
        f"{'a' * 65}@example.kg", f"a@{'b' * 64}.kg", f"{'a' * 64}@{'.'.join(['b' * 60] * 4)}.kg", "=a@example.kg",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(BadCell):
        as_email(typed)
