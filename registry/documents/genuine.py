"""Is a file a paper of ours, whole and unchanged? Answered from the file and one certificate, without a registry.

Stricter than a PDF reader has to be. A reader shows what changed after the signature and leaves
the judgement to people; here a paper is genuine only if it is, byte for byte, what was signed:
one signature over the whole file, the signature itself in its one spelling, nothing behind it.
"""

from __future__ import annotations

import io
import zlib
from datetime import datetime

import asn1crypto.cms
import asn1crypto.x509
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.generic import ArrayObject
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import EmbeddedPdfSignature, validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError

BROKEN = (
    PdfError,
    SigningError,
    SignatureValidationError,
    ValidationError,
    PathError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    NotImplementedError,
    RecursionError,
    OSError,
    ArithmeticError,
    AssertionError,
    zlib.error,
)
"""What reading a broken file may raise: a file that cannot be read is not genuine."""


def is_signed_by(data: bytes, certificate: x509.Certificate, now: datetime) -> bool:
    """Say whether `data` is a paper signed with the key of `certificate`, and nothing was added or changed since."""
    known = asn1crypto.x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
    try:
        signatures = PdfFileReader(io.BytesIO(data), strict=True).embedded_signatures
        if len(signatures) != 1:
            return False
        signature = signatures[0]
        if not _is_in_its_one_spelling(data, signature, known):
            return False
        context = ValidationContext(trust_roots=[known], allow_fetching=False, moment=now)
        status = validate_pdf_signature(signature, context)
        whole = status.coverage is SignatureCoverageLevel.ENTIRE_FILE
        return bool(status.bottom_line and whole and status.docmdp_ok)
    except BROKEN:
        return False


def _is_in_its_one_spelling(data: bytes, signature: EmbeddedPdfSignature, known: asn1crypto.x509.Certificate) -> bool:
    """Say that the only bytes the signature does not cover are itself, spelled as our own signer spells it.

    Letters of hexadecimal digits, padding, and the parts of a signature that nothing signs could
    otherwise be changed without a reader noticing: harmless, but no longer the file we made.
    """
    span: ArrayObject = signature.byte_range
    first, before, after, rest = (int(each) for each in span)
    if first != 0 or after + rest != len(data):
        return False
    hole = data[before:after]
    told = bytes(signature.pkcs7_content)
    parsed = asn1crypto.cms.ContentInfo.load(told)
    spelled = parsed.dump(force=True)
    plain = b"<" + spelled.hex().upper().encode() + b"0" * (len(hole) - 2 - 2 * len(spelled)) + b">"
    inside = parsed["content"]
    signer = inside["signer_infos"][0]
    return (
        hole == plain
        and parsed["content_type"].native == "signed_data"
        and inside["version"].native == "v1"
        and inside["encap_content_info"]["content_type"].native == "data"
        and [each["algorithm"].native for each in inside["digest_algorithms"]] == ["sha256"]
        and len(inside["certificates"]) == 1
        and inside["certificates"][0].chosen.dump() == known.dump()
        and len(inside["signer_infos"]) == 1
        and signer["version"].native == "v1"
        and signer["unsigned_attrs"].native is None
        and signer["sid"].chosen["serial_number"].native == known.serial_number
        and signer["sid"].chosen["issuer"].dump() == known.issuer.dump()
    )
