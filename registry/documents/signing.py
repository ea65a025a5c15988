"""Keys and signatures: PAdES on papers, the same key on QR codes, and the check of both without a registry.

A key is a PKCS#12 file with its password in a file, or lives in a PKCS#11 device. A key that is
missing, expired, of another certificate or not meant for signing is no key: `NotSigned`.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.config import pkcs11 as config
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer, SimpleSigner

from registry.documents.domain import NoCode, NotSigned, read_code
from registry.documents.genuine import is_signed_by
from registry.kernel.text import N_, Message
from registry.settings import Settings

HASH = "sha256"
FIELD = "Signature"
SMALLEST_RSA = 2048
PRACTICE_DAYS = 730
PRACTICE = "DEMO"
"""Stands in the name of a practice certificate; papers signed with it bear it across every page."""
Public = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


@dataclass(frozen=True, slots=True)
class Key:
    """A key that works now, and its certificate."""

    signer: Signer
    certificate: x509.Certificate

    @property
    def name(self) -> str:
        """Return the common name on the certificate."""
        return name_of(self.certificate)

    @property
    def is_practice(self) -> bool:
        """Say whether papers signed with it are worth nothing and must show it."""
        return PRACTICE in self.name.split()

    @property
    def fingerprint(self) -> str:
        """Return SHA-256 of the certificate."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    def sign_code(self, data: bytes) -> bytes:
        """Sign the text of a QR code."""
        # What both kinds of signers have: a key in a file and a key in a device.
        signature: bytes = asyncio.run(self.signer.async_sign_raw(data, HASH))
        return signature


def name_of(certificate: x509.Certificate) -> str:
    """Return the common name on a certificate, the whole name where it has none."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()


@contextmanager
def working_key(settings: Settings, now: datetime) -> Iterator[Key]:
    """Give the key of the settings, fit for signing at `now`. Raises `NotSigned` with what is wrong."""
    if settings.signing_pkcs11_library:
        with _device(settings) as signer:
            yield _fit(_key(signer), now)
        return
    if not settings.signing_key_file:
        raise NotSigned(Message(N_("no signing key is set: set REGISTRY_SIGNING_KEY_FILE")))
    path = Path(settings.signing_key_file)
    try:
        password = _password(settings)
        signer = _opened(path.read_bytes(), password)
    except OSError as error:
        raise NotSigned(
            Message(N_("the signing key cannot be read: %(error)s"), {"error": error.strerror or str(error)})
        ) from None
    yield _fit(_key(signer), now)


def _password(settings: Settings) -> bytes:
    path = settings.signing_password_file
    return Path(path).read_bytes().strip() if path else b""


@lru_cache(maxsize=4)
def _opened(data: bytes, password: bytes) -> SimpleSigner:
    try:
        signer: SimpleSigner | None = SimpleSigner.load_pkcs12_data(data, [], password or None)
    except (ValueError, TypeError, SigningError):
        signer = None
    if signer is None:
        raise NotSigned(
            Message(N_("the signing key does not open: the password is another, or the file is no PKCS#12"))
        )
    return signer


@contextmanager
def _device(settings: Settings) -> Iterator[Signer]:
    """Give a signer whose key stays in a PKCS#11 device."""
    if find_spec("pkcs11") is None:
        raise NotSigned(Message(N_("keys in a device need the extra “pkcs11”: pip install narcotics-registry[pkcs11]")))
    pkcs11 = import_module("pyhanko.sign.pkcs11")  # the library behind it is optional
    token = config.TokenCriteria(label=settings.signing_pkcs11_token) if settings.signing_pkcs11_token else None
    try:
        session = pkcs11.open_pkcs11_session(
            settings.signing_pkcs11_library,
            token_criteria=token,
            user_pin=_password(settings).decode() or None,
        )
    except Exception as error:  # drivers of devices raise what they like; none of it may let a paper out
        raise NotSigned(
            Message(N_("the device with the signing key does not answer: %(error)s"), {"error": type(error).__name__})
        ) from error
    with session:
        # The digest is made here and the device signs that: fewer devices know to do both for every kind of key.
        yield pkcs11.PKCS11Signer(session, cert_label=settings.signing_pkcs11_label, use_raw_mechanism=True)


def _key(signer: Signer) -> Key:
    certificate = signer.signing_cert
    if certificate is None:
        raise NotSigned(Message(N_("the signing key has no certificate")))
    return Key(signer, x509.load_der_x509_certificate(certificate.dump()))


def _fit(key: Key, now: datetime) -> Key:
    """Return the key if it may sign at `now`: days, use, strength, and that it is the one of its certificate."""
    certificate = key.certificate
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise NotSigned(
            Message(
                N_("the certificate “%(name)s” is valid from %(first)s to %(last)s"),
                {
                    "name": key.name,
                    "first": certificate.not_valid_before_utc.date(),
                    "last": certificate.not_valid_after_utc.date(),
                },
            )
        )
    public = certificate.public_key()
    weak = isinstance(public, rsa.RSAPublicKey) and public.key_size < SMALLEST_RSA
    if not isinstance(public, ec.EllipticCurvePublicKey | rsa.RSAPublicKey) or weak:
        raise NotSigned(Message(N_("the signing key must be RSA of at least 2048 bits, or of an elliptic curve")))
    try:
        use = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        use = None
    if use is not None and not (use.digital_signature or use.content_commitment):
        raise NotSigned(Message(N_("the certificate “%(name)s” is not meant for signing"), {"name": key.name}))
    trial = b"a trial of the key"
    if not _holds(public, trial, key.sign_code(trial)):
        raise NotSigned(Message(N_("the signing key is not the one of its certificate")))
    return key


def sign(key: Key, paper: bytes, now: datetime, reason: str, place: str) -> bytes:
    """Return the paper with a certifying signature that allows no change, checked before it is handed out."""
    writer = IncrementalPdfFileWriter(io.BytesIO(paper))
    metadata = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm=HASH,
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        reason=reason,
        location=place,
        name=key.name,
    )
    try:
        signed: bytes = PdfSigner(metadata, signer=key.signer).sign_pdf(writer).getvalue()
    except (SigningError, ValueError) as error:
        raise NotSigned(Message(N_("the paper could not be signed: %(error)s"), {"error": str(error)})) from error
    if not is_signed_by(signed, key.certificate, now):
        raise NotSigned(Message(N_("the signature does not hold: nothing is handed out")))
    return signed


def code_holds(text: str, public: Public) -> bool:
    """Say whether a QR code was signed with the private half of `public`. A text that is no code is none."""
    try:
        signed, signature, _ = read_code(text)
    except NoCode:
        return False
    return _holds(public, signed, signature)


def _holds(public: Public, data: bytes, signature: bytes) -> bool:
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
        else:
            public.verify(signature, data, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def public_key(data: bytes) -> Public:
    """Read a public key or a certificate in PEM. Raises ValueError."""
    is_certificate = b"CERTIFICATE" in data
    key: object = (
        x509.load_pem_x509_certificate(data).public_key() if is_certificate else serialization.load_pem_public_key(data)
    )
    if not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        raise ValueError("neither RSA nor an elliptic curve")  # noqa: TRY004 - of the same sort as a file that cannot be read
    return key


def practice_key(name: str, now: datetime, password: bytes, days: int = PRACTICE_DAYS) -> bytes:
    """Return a new self-signed practice key (P-256) as PKCS#12; its name says that it is worth nothing."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{PRACTICE} {name}"[:64])])
    begins = now.astimezone(UTC) - timedelta(hours=1)
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
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
    encryption = serialization.BestAvailableEncryption(password)
    return pkcs12.serialize_key_and_certificates(name.encode(), key, certificate, None, encryption)
