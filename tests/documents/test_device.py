"""A key that stays in a device: signed with a simulated one where the machine has it, SoftHSM and python-pkcs11."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from sqlalchemy.orm import Session

from registry.documents import service
from registry.documents.domain import PERMIT_DOCUMENT, NotSigned
from registry.documents.genuine import is_signed_by
from registry.documents.signing import working_key
from registry.settings import Settings
from tests.documents.conftest import NOW
from tests.documents.test_papers import CLOCK, NUMBER, content_of

TOOL = "softhsm2-util"
LIBRARIES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so")
PIN, TOKEN, LABEL, KEY_ID = "1234", "registry", "signing", "a1b2"
LIBRARY = next((path for path in LIBRARIES if Path(path).exists()), "")
MISSING = "needs python-pkcs11" if find_spec("pkcs11") is None else "needs SoftHSM (softhsm2-util and its library)"

pytestmark = pytest.mark.skipif(find_spec("pkcs11") is None or not shutil.which(TOOL) or not LIBRARY, reason=MISSING)


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory, key_file: Path) -> Iterator[Settings]:
    """Give settings whose key lies in a simulated device, made once: its library reads its folder when it is loaded."""
    folder = tmp_path_factory.mktemp("device")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        yield made_in(folder, key_file)


def made_in(tmp_path: Path, key_file: Path) -> Settings:
    tokens = tmp_path / "tokens"
    tokens.mkdir()
    config = tmp_path / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {tokens}\n")
    password = key_file.with_suffix(".password").read_bytes()
    key, certificate, _ = pkcs12.load_key_and_certificates(key_file.read_bytes(), password)
    assert key is not None
    assert certificate is not None
    pem = tmp_path / "key.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    run(TOOL, "--init-token", "--free", "--label", TOKEN, "--pin", PIN, "--so-pin", PIN)
    run(TOOL, "--import", str(pem), "--token", TOKEN, "--label", LABEL, "--id", KEY_ID, "--pin", PIN)
    pkcs11, x509 = import_module("pkcs11"), import_module("pkcs11.util.x509")
    with pkcs11.lib(LIBRARY).get_token(token_label=TOKEN).open(rw=True, user_pin=PIN) as session:
        attributes = x509.decode_x509_certificate(certificate.public_bytes(serialization.Encoding.DER))
        more = {
            pkcs11.Attribute.TOKEN: True,
            pkcs11.Attribute.LABEL: LABEL,
            pkcs11.Attribute.ID: bytes.fromhex(KEY_ID),
        }
        session.create_object({**attributes, **more})
    pin = tmp_path / "pin"
    pin.write_text(PIN)
    return dataclasses.replace(
        Settings(authority="Authority", address="https://registry.example.kg"),
        signing_pkcs11_library=LIBRARY,
        signing_pkcs11_token=TOKEN,
        signing_pkcs11_label=LABEL,
        signing_password_file=str(pin),
    )


def run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)


def test_a_paper_is_signed_by_the_device(stocked: Session, device: Settings) -> None:
    content = content_of(stocked, PERMIT_DOCUMENT.code, NUMBER, device)
    made = service.prepare(stocked, CLOCK, device, content, "ky-ru")
    assert made is not None
    with working_key(device, NOW) as key:
        assert key.is_practice
        assert is_signed_by(made.data, key.certificate, NOW)


def test_with_the_wrong_pin_or_token_nothing_is_signed(device: Settings, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("4321")
    for settings in (
        dataclasses.replace(device, signing_password_file=str(wrong)),
        dataclasses.replace(device, signing_pkcs11_token="another"),
    ):
        with pytest.raises(NotSigned), working_key(settings, NOW):
            pass
