"""Pages of the lists: substances, one substance, the editions loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from flask import Blueprint, render_template, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from registry.accounts.guard import asks
from registry.accounts.sessions import current_clock
from registry.db import db
from registry.kernel.mass import NG_PER_MG
from registry.kernel.text import N_
from registry.substances import queries
from registry.substances.domain.facts import RevisionFact, SubstanceFact
from registry.substances.domain.medical_names import listed_name
from registry.substances.domain.naming import NameKind
from registry.substances.domain.salts import ANHYDROUS, FactorFact, parse_salt
from registry.substances.domain.schedule_three import LimitFact
from registry.substances.domain.vocabulary import form_words, phrase_words, salt_words
from registry.substances.forms import TREATY_NAMES, SubstanceFilter
from registry.substances.queries.detail import (
    NationalClassFact,
    ProhibitionFact,
    ScheduleFact,
    SubstanceDetail,
    national_class_facts,
    watch_suggestions,
)
from registry.web.components import as_english
from registry.web.locale import country_name, current_language, format_day, format_quantity, say
from registry.web.paging import Page, asked_page, asked_size, offset

blueprint = Blueprint("substances", __name__, template_folder="../templates")

READ = "substances.read"
MOST_MATCHES = 200
PPM_PER_PERCENT = 10_000
NAME_KINDS = {
    NameKind.LISTED: N_("name of the list"),
    NameKind.ALIAS: N_("other name"),
    NameKind.TRADE: N_("trade name"),
    NameKind.CAS: N_("CAS number"),
    NameKind.CODE: N_("code"),
}
BY_LATER, COUNTS_TODAY = N_("by a later edition"), N_("counts today")
CHECK_MARKS = {
    "differs": N_("check: the printed figure differs from the ratio of molecular weights"),
    "not computed": N_("not compared with the ratio of molecular weights"),
}
"""Marks of the lists' files that people should see; an "ok" needs no words."""
BLOCKS, NOTICES = N_("stops acts without a right"), N_("raises notices only")
PRECISIONS = {"day": "", "month": N_("month only"), "year": N_("year only"), "unknown": N_("day unknown")}
CLASS_COLUMNS = ({"label": N_("Class")}, {"label": N_("Effect")}, {"label": N_("Legal ground")})
WATCHED_COLUMNS = (
    {"label": N_("Chemical")},
    {"label": N_("CAS number"), "kind": "code"},
    {"label": N_("Tariff code"), "kind": "code"},
    {"label": N_("Controlled by")},
)
SUBSTANCE_COLUMNS = (
    {"label": N_("Code"), "kind": "code"},
    {"label": N_("Substance")},
    {"label": N_("Convention")},
    {"label": N_("Schedules")},
    {"label": N_("CAS number"), "kind": "code"},
)
SCHEDULE_COLUMNS = (
    {"label": N_("List and edition")},
    {"label": N_("Schedule")},
    {"label": N_("Under control since")},
    {"label": N_("Remarks")},
)
FACTOR_COLUMNS = ({"label": N_("Salt as printed")}, {"label": N_("Base, %"), "kind": "number"}, {"label": N_("Mark")})
LIMIT_COLUMNS = (
    {"label": N_("Most in one dosage unit"), "kind": "number"},
    {"label": N_("Most in undivided preparations"), "kind": "number"},
    {"label": N_("Further conditions")},
)
PROHIBITION_COLUMNS = ({"label": N_("Country")}, {"label": N_("Notified")}, {"label": N_("Remarks")})
NATIONAL_COLUMNS = (
    {"label": N_("Class")},
    {"label": N_("Act")},
    {"label": N_("From")},
    {"label": N_("To")},
    {"label": N_("Effect")},
)
PRODUCT_COLUMNS = ({"label": N_("Code"), "kind": "code"}, {"label": N_("Product")}, {"label": N_("Form")})
EDITION_COLUMNS = (
    {"label": N_("List")},
    {"label": N_("Edition")},
    {"label": N_("In force from")},
    {"label": N_("Source")},
    {"label": N_("Remarks")},
)


def percent(ppm: int | None) -> str:
    """Write parts per million as per cent: 750000 -> ``75 %``."""
    return format_quantity(None if ppm is None else Fraction(ppm, PPM_PER_PERCENT), "%")


def revision_name(revision: RevisionFact) -> str:
    """Return the name of a product in the reader's language, the main name where none is recorded."""
    return {"ru": revision.name_ru, "ky": revision.name_ky}.get(current_language()) or revision.name


def schedule_words(fact: SubstanceFact) -> str:
    """Return the schedules of a substance as one reads them: ``I, IV``."""
    return ", ".join(sorted(term.partition(":")[2] for term in fact.schedules))


@blueprint.get("/substances")
@asks(READ)
def substances() -> str:
    """List substances; a word finds any name, code, CAS number or trade name."""
    form = SubstanceFilter.asked()
    today, session = current_clock().today(), db.session()
    words, treaty, schedule = form.word("q"), form.word("treaty"), form.word("schedule")
    hints: dict[int, str] = {}
    if words:
        matches = queries.find_substances(session, listed_name(words, say), MOST_MATCHES, today)
        found = [match.substance for match in matches]
        hints = {
            match.substance.id: f"{say(NAME_KINDS[NameKind(match.kind)])}: {match.name}"
            for match in matches
            if match.suggestion
        }
    else:
        found = queries.substances_on(session, today, treaty or None)
    chosen = [
        fact for fact in found if (not treaty or fact.treaty == treaty) and (not schedule or schedule in fact.schedules)
    ]
    number, size = asked_page(), asked_size()
    shown = chosen[offset(number, size) : offset(number + 1, size)]
    return render_template(
        "substances/list.html",
        form=form,
        columns=SUBSTANCE_COLUMNS,
        rows=[_row(fact) for fact in shown],
        hints=[(fact, hints[fact.id]) for fact in shown if fact.id in hints],
        page=Page(shown, number, size, len(chosen)),
    )


def _row(fact: SubstanceFact) -> list[object]:
    link = {"text": fact.code, "href": url_for("substances.substance", code=fact.code)}
    return [link, say(fact.name), say(TREATY_NAMES[fact.treaty]), schedule_words(fact), fact.cas or None]


@blueprint.get("/substances/<code>")
@asks(READ)
def substance(code: str) -> str:
    """Show everything the loaded lists say of one substance."""
    today, session = current_clock().today(), db.session()
    detail = queries.substance_detail(session, code, today)
    return render_template(
        "substances/substance.html",
        detail=detail,
        fact=detail.fact,
        treaty=TREATY_NAMES[detail.fact.treaty],
        schedules=(SCHEDULE_COLUMNS, [_schedule_row(one) for one in detail.schedules]),
        factors=(FACTOR_COLUMNS, [_factor_row(one) for one in detail.factors]),
        limits=(LIMIT_COLUMNS, [_limit_row(one) for one in detail.limits]),
        prohibitions=(PROHIBITION_COLUMNS, [_prohibition_row(one) for one in detail.prohibitions]),
        national=(NATIONAL_COLUMNS, _national_rows(detail, national_class_facts(session, today))),
        products=(PRODUCT_COLUMNS, _product_rows(detail)),
    )


def _schedule_row(one: ScheduleFact) -> list[object]:
    edition = as_english(f"{one.edition.title or one.edition.list_code} ({one.edition.edition})") or ""
    later = ", " + say(BY_LATER) if one.edition.by_later else ""
    schedule = f"{one.schedule}, IV" if one.also_schedule_iv else one.schedule
    return [edition + later, schedule, format_day(one.controlled_from), as_english(one.remarks)]


def _factor_row(one: FactorFact) -> list[object]:
    mark = CHECK_MARKS.get(one.check_mark)
    notes = [say(mark) if mark else None, as_english(one.remarks)]
    return [printed_salt(one), percent(one.base_ppm), Markup("; ").join(filter(None, notes)) or None]


def printed_salt(one: FactorFact) -> str:
    """Return a salt of a list in the reader's language, with its water of crystallisation in words or as a formula."""
    parts = [part for part in (one.printed.variant, salt_words(one.printed.printed, say)) if part]
    if one.printed.hydrate and parse_salt(one.printed.printed).hydrate is None:
        parts.append(f"{one.printed.hydrate} H₂O" if one.printed.hydrate != "0" else say(ANHYDROUS))
    return ", ".join(parts)


def _limit_row(one: LimitFact) -> list[object]:
    dose = one.max_per_dosage_unit_ng
    conditions = [phrase_words(text, say) for text in (one.other_ingredient, one.extra_condition) if text]
    return [
        format_quantity(None if dose is None else Fraction(dose, NG_PER_MG), N_("mg")),
        percent(one.max_undivided_ppm),
        "; ".join(conditions) or None,
    ]


def _prohibition_row(one: ProhibitionFact) -> list[object]:
    return [country_name(one.country), format_day(one.notified_on), as_english(one.remarks)]


def _national_rows(detail: SubstanceDetail, classes: Mapping[str, NationalClassFact]) -> list[list[object]]:
    return [
        [
            class_name(classes[one.class_code]) if one.class_code in classes else as_english(one.class_name),
            f"{one.act}, {format_day(one.act_date)}",
            format_day(one.valid_from),
            format_day(one.valid_to),
            say(BLOCKS if one.blocks else NOTICES),
        ]
        for one in detail.national
    ]


def class_name(one: NationalClassFact) -> str | Markup:
    """Return the name of a national class in the reader's language, the English one marked where the list has no other."""
    return one.name_in(current_language()) or as_english(one.name) or one.code


def _product_rows(detail: SubstanceDetail) -> list[list[object]]:
    return [
        [
            {"text": one.code, "href": url_for("products.product", code=one.code)},
            revision_name(one),
            form_words(one.form, say),
        ]
        for one in sorted(detail.products, key=lambda one: one.code)
    ]


@blueprint.get("/substances/editions")
@asks(READ)
def editions() -> str:
    """Show which editions of which lists are loaded, since when they count and where they come from."""
    today, session = current_clock().today(), db.session()
    return render_template(
        "substances/editions.html",
        columns=EDITION_COLUMNS,
        rows=_edition_rows(session, today),
        today=today,
        classes=(CLASS_COLUMNS, [_class_row(one) for one in national_class_facts(session, today).values()]),
        watched=(WATCHED_COLUMNS, [_watched_row(*one) for one in watch_suggestions(session)]),
    )


def _class_row(one: NationalClassFact) -> list[object]:
    return [class_name(one), say(BLOCKS if one.blocks else NOTICES), as_english(one.ground)]


def _watched_row(name: str, cas: str, cn_code: str, basis: str) -> list[object]:
    return [as_english(name), cas or None, cn_code or None, as_english(basis)]


def _edition_rows(session: Session, today: date) -> Sequence[list[object]]:
    current = {fact.id: fact for fact in queries.editions_in_force(session, today).values()}
    rows: list[list[object]] = []
    for fact, source, remarks in queries.editions(session):
        since = format_day(fact.valid_from)
        exact = say(PRECISIONS.get(fact.precision, fact.precision))
        marks = [exact] if exact else []
        if fact.id in current:
            marks.append(say(BY_LATER if current[fact.id].by_later else COUNTS_TODAY))
        rows.append(
            [
                as_english(fact.title or fact.list_code),
                fact.edition,
                " · ".join([since, *marks]),
                as_english(source),
                as_english(remarks),
            ]
        )
    return rows
