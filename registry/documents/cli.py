"""``flask documents``: make a document, check a file or a QR code, practice key, public key."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import click
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from flask import current_app
from flask.cli import AppGroup

from registry.accounts.commands import REFUSED, acting, answer, as_option, json_option, refusals
from registry.accounts.sessions import current_clock, settings_of
from registry.db import db, unit_of_work
from registry.documents import queries, service
from registry.documents.domain import DOCUMENT_KINDS, PAIRS, NoCode, read_code
from registry.documents.genuine import is_signed_by
from registry.documents.practice import write_practice_key
from registry.documents.signing import code_holds, public_key, working_key

documents = AppGroup("documents", help="Signed documents: made, checked; keys.")
BAD_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


@documents.command("make")
@click.argument("kind", type=click.Choice(list(DOCUMENT_KINDS)))
@click.argument("number")
@click.option("--languages", type=click.Choice(list(PAIRS)), help="By default those of the kind.")
@click.option("--out", type=NEW_FILE, required=True, help="Where the PDF is written.")
@json_option
@as_option
def make(kind: str, number: str, languages: str | None, out: Path, *, as_json: bool, as_username: str) -> None:
    """Write the signed document of permit, application or licence NUMBER. Without a working key: exit 1, no file."""
    session, clock, settings = db.session(), current_clock(), settings_of(current_app)
    chosen = DOCUMENT_KINDS[kind]
    with refusals(chosen.action, f"{kind} {number}", as_username):
        source = queries.source_of(session, chosen, number, settings)
        actor = acting(session, as_username, chosen.action, source.organisation_id)
        made = service.prepare(session, clock, settings, source.content, languages or chosen.languages)
        with unit_of_work(session):
            handed = service.hand_out(session, actor, clock, source.content, languages or chosen.languages, made)
    out.write_bytes(handed.data)
    document = {"file": str(out), "sha256": handed.sha256, "digest": handed.digest, "made_now": handed.is_new}
    answer(document, [f"{out}: SHA-256 {handed.sha256}"], as_json=as_json)


@documents.command("check")
@click.argument("file", type=BAD_FILE)
@click.option("--certificate", type=BAD_FILE, help="PEM; without it the file is compared with what was issued here.")
@json_option
def check(file: Path, certificate: Path | None, *, as_json: bool) -> None:
    """Say whether FILE is a document as it was issued. Exit 1 where it is not."""
    data = file.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    if certificate is not None:
        known = x509.load_pem_x509_certificate(certificate.read_bytes())
        is_genuine, of = is_signed_by(data, known, known.not_valid_before_utc), ""
    else:
        kept = queries.kept_by_sha256(db.session(), sha256)
        is_genuine, of = kept is not None, f"{kept.kind} {kept.subject}" if kept else ""
    words = "genuine" if is_genuine else "NOT genuine"
    answer({"genuine": is_genuine, "of": of or None, "sha256": sha256}, [f"{words} {of}".strip()], as_json=as_json)
    if not is_genuine:
        sys.exit(REFUSED)


@documents.command("verify-qr")
@click.argument("text")
@click.option("--key", type=BAD_FILE, required=True, help="Public key or certificate of the authority, PEM.")
@json_option
def verify_qr(text: str, key: Path, *, as_json: bool) -> None:
    """Check the text of a QR code with the public key, without network and database. Exit 1 where it does not hold."""
    try:
        public = public_key(key.read_bytes())
        _, _, claims = read_code(text)
    except NoCode:
        answer({"holds": False}, ["this is not the code of a document"], as_json=as_json)
        sys.exit(REFUSED)
    except ValueError as error:
        raise click.UsageError(f"{key}: {error}") from error
    if not code_holds(text, public):
        answer({"holds": False}, ["NOT signed with this key"], as_json=as_json)
        sys.exit(REFUSED)
    told = {
        "holds": True,
        "document": claims.kind,
        "number": claims.number,
        "kind": claims.what or None,
        "substances": list(claims.substances),
        "valid_to": claims.ends_on or None,
        "digest": claims.digest,
    }
    answer(told, [f"{name}: {value}" for name, value in told.items()], as_json=as_json)


@documents.command("make-key")
@click.option("--out", type=NEW_FILE, required=True, help="PKCS#12 file to write; the password goes beside it.")
@click.option("--name", default="registry", show_default=True, help="Whose key it is.")
def make_key(out: Path, name: str) -> None:
    """Make a self-signed key to practise with: papers signed with it bear DEMO across every page."""
    if out.exists():
        raise click.UsageError(f"{out} is there already and is not written over")
    password = write_practice_key(out, name, current_clock().now())
    lines = [f"REGISTRY_SIGNING_KEY_FILE={out.resolve()}", f"REGISTRY_SIGNING_PASSWORD_FILE={password.resolve()}"]
    click.echo("\n".join(lines))


@documents.command("certificate")
@json_option
def certificate(*, as_json: bool) -> None:
    """Print the certificate in use (PEM): what others need to check files and QR codes."""
    with refusals("permits.read", "certificate"), working_key(settings_of(current_app), current_clock().now()) as key:
        pem = key.certificate.public_bytes(serialization.Encoding.PEM).decode()
        ends = key.certificate.not_valid_after_utc
    told = {"name": key.name, "valid_to": ends.isoformat(), "fingerprint": key.fingerprint, "pem": pem}
    answer(told, [pem.rstrip()], as_json=as_json)
