"""A practice key, and settings that sign with it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from registry.documents.practice import write_practice_key
from registry.settings import Settings

AUTHORITY = "Баңги заттарын көзөмөлдөө үчүн ыйгарым укуктуу орган"
NOW = datetime(2024, 6, 15, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "practice.p12"
    write_practice_key(path, "Ministry", NOW - timedelta(days=30))
    return path


@pytest.fixture
def signing(key_file: Path) -> Settings:
    return with_key(Settings(authority=AUTHORITY, address="https://registry.example.kg"), key_file)


def with_key(settings: Settings, path: Path) -> Settings:
    password = str(path.with_suffix(".password"))
    return dataclasses.replace(settings, signing_key_file=str(path), signing_password_file=password)


@pytest.fixture
def another_key(tmp_path: Path) -> Callable[..., Settings]:
    """Make settings with a key of one's own wish: its days, its use, whose certificate it has."""

    def make(
        begins: datetime = NOW - timedelta(days=1),
        days: int = 10,
        *,
        signs: bool = True,
        name: str = "Authority",
        password: bytes = b"pw",
    ) -> Settings:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        usage = x509.KeyUsage(signs, signs, not signs, False, False, False, False, False, False)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(begins + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .sign(key, hashes.SHA256())
        )
        sealed = serialization.BestAvailableEncryption(b"pw")
        path = tmp_path / f"{name}.p12"
        path.write_bytes(pkcs12.serialize_key_and_certificates(b"k", key, certificate, None, sealed))
        path.with_suffix(".password").write_bytes(password)
        return with_key(Settings(authority="Authority", address="https://registry.example.kg"), path)

    return make
