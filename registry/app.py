"""create_app: the only place where the parts meet."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from flask_migrate import Migrate
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix

from registry.accounts import models as account_models
from registry.accounts import setup as accounts
from registry.accounts.queries import actor_named
from registry.accounts.sessions import current_clock, settings_of
from registry.api import models as api_models
from registry.api import setup as api
from registry.audit import models as audit_models
from registry.correspondence import models as correspondence_models
from registry.correspondence import setup as correspondence
from registry.correspondence.service.sending import send_on_issue
from registry.counts import models as count_models
from registry.counts import setup as counts
from registry.counts.queries.acts import act_paper
from registry.db import db, prepare_engine
from registry.deeds import models as deed_models
from registry.deeds import setup as deeds
from registry.demo.cli import demo
from registry.deputies import setup as deputies
from registry.documents import models as document_models
from registry.documents import setup as documents
from registry.documents.queries import ACT_PAPER
from registry.endorsements import models as endorsement_models
from registry.endorsements import setup as endorsements
from registry.exchange import models as exchange_models
from registry.exchange import setup as exchange
from registry.flags import models as flag_models
from registry.journals import setup as journals
from registry.kernel.announcements import Announcement
from registry.kernel.clock import SystemClock
from registry.licences import models as licence_models
from registry.licences import setup as licences
from registry.licences.service import LICENCES_CHANGED
from registry.mail import models as mail_models
from registry.mail import setup as mail
from registry.mergers import models as merger_models
from registry.mergers import setup as mergers
from registry.mergers.domain import SITE
from registry.mergers.queries import survivors_of
from registry.originals import models as original_models
from registry.originals import setup as originals
from registry.parameters import models as parameter_models
from registry.parameters import setup as parameters
from registry.parties import models as party_models
from registry.parties import setup as parties
from registry.parties.domain import LEVELS_CHANGED
from registry.parties.queries import main_sites, organisations_by_codes, unknown_organisation
from registry.permits import models as permit_models
from registry.permits import setup as permits
from registry.permits.queries.questions import STOCK_ON_DAY
from registry.permits.service.issuing import PERMIT_ISSUED
from registry.permits.service.stops import stop_uncovered
from registry.quotas import models as quota_models
from registry.quotas import setup as quotas
from registry.reporting import models as reporting_models
from registry.reporting import setup as reporting
from registry.reporting.service.closing import closed_among
from registry.reporting.service.refusals import page_tried
from registry.requisitions import models as requisition_models
from registry.requisitions import setup as requisitions
from registry.returns import models as return_models
from registry.returns import setup as returns_setup
from registry.returns.cli import returns
from registry.returns.queries import people_in
from registry.seizures import models as seizure_models
from registry.seizures import setup as seizures
from registry.settings import Settings, from_environment
from registry.stock import models as stock_models
from registry.stock import setup as stock
from registry.stock.cli import ledger
from registry.stock.queries.on_day import stock_on_day
from registry.stock.queries.questions import PERIODS_CLOSED
from registry.stock.service.levels import follow_levels
from registry.stock.service.tried import PAGE_TRIED
from registry.substances import models as substance_models
from registry.substances import setup as substances
from registry.substances.cli import reference_group
from registry.supervision import setup as supervision
from registry.therapy import models as therapy_models
from registry.therapy import setup as therapy
from registry.web import shell
from registry.workbooks import setup as workbooks
from registry.workbooks.service import SEAL_KEY
from registry.workdays import models as workday_models
from registry.workdays import setup as workdays

ROWS = (
    audit_models,
    flag_models,
    account_models,
    api_models,
    parameter_models,
    workday_models,
    mail_models,
    substance_models,
    deed_models,
    merger_models,
    party_models,
    licence_models,
    quota_models,
    permit_models,
    endorsement_models,
    original_models,
    document_models,
    correspondence_models,
    stock_models,
    count_models,
    seizure_models,
    reporting_models,
    therapy_models,
    requisition_models,
    return_models,
    exchange_models,
)
FOLLOWERS: tuple[tuple[Announcement[Any, Any], Callable[..., Any]], ...] = (
    (LEVELS_CHANGED, follow_levels),
    (STOCK_ON_DAY, stock_on_day),
    (PERIODS_CLOSED, closed_among),
    (PAGE_TRIED, page_tried),
    (LICENCES_CHANGED, stop_uncovered),
    (SEAL_KEY, lambda: str(current_app.config["SECRET_KEY"]).encode()),
    (ACT_PAPER, act_paper),
    (PERMIT_ISSUED, partial(send_on_issue, settings=lambda: settings_of(current_app))),
)
"""Announcements of lower rooms, and what a higher room does upon each, in the same unit of work."""
SETUPS = (
    accounts,
    parameters,
    workdays,
    deeds,
    deputies,
    mergers,
    mail,
    api,
    substances,
    parties,
    licences,
    quotas,
    permits,
    endorsements,
    originals,
    documents,
    correspondence,
    stock,
    counts,
    seizures,
    workbooks,
    reporting,
    therapy,
    requisitions,
    journals,
    returns_setup,
    exchange,
    supervision,
)
MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application. Settings come from ``REGISTRY_*`` variables unless given."""
    chosen = settings or from_environment()
    app = Flask("registry", instance_path=str(chosen.instance_path), static_folder=None)
    chosen.instance_path.mkdir(parents=True, exist_ok=True)
    app.config["SECRET_KEY"] = chosen.secret_key or _kept_secret(chosen.instance_path)
    app.config["SQLALCHEMY_DATABASE_URI"] = chosen.database
    app.extensions["registry.settings"] = chosen
    app.extensions["registry.clock"] = SystemClock(chosen.zone)
    if chosen.hosts:
        app.config["TRUSTED_HOSTS"] = [host.strip() for host in chosen.hosts.split(",") if host.strip()]
    if chosen.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, chosen.proxies, chosen.proxies, chosen.proxies)  # type: ignore[method-assign]
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    Migrate(app, db, directory=str(MIGRATIONS), render_as_batch=False)
    shell.init_app(app, chosen)
    app.extensions["registry.organisation_id"] = _organisation_id
    app.extensions["registry.organisation_codes"] = _organisation_codes
    app.extensions["registry.population"] = partial(people_in, country=chosen.country)
    for announcement, follower in FOLLOWERS:
        announcement.follow(follower)
    app.extensions["registry.organisation_unknown"] = unknown_organisation
    for setup in SETUPS:
        setup.init_app(app)
    for group in (reference_group(actor_named, current_clock), ledger, returns, demo):
        app.cli.add_command(group)
    return app


def _organisation_id(session: Session, code: str) -> int | None:
    """Tell accounts, the lower room, which organisation bears a code."""
    standing = survivors_of(session, SITE, [code]).get(code, code)
    return organisations_by_codes(session, [standing]).get(standing)


def _organisation_codes(session: Session, ids: Iterable[int]) -> Mapping[int, str]:
    """Tell accounts the codes of organisations."""
    return {number: site.organisation_code for number, site in main_sites(session, ids).items()}


def _kept_secret(folder: Path) -> str:
    """Return the key kept in the instance folder; make it once, readable by the owner only."""
    path = folder / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return path.read_text().strip()
