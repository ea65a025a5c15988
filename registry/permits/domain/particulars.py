"""Particulars of an application and of its permit beyond those every kind has: a table, read like cells of a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from registry.kernel.fields import Column, as_code, as_country, as_day, as_name, as_text, choice, named
from registry.kernel.persons import as_note
from registry.kernel.text import N_


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a closed list."""

    code: str
    name: str


def _words(*pairs: tuple[str, str]) -> Mapping[str, Word]:
    return MappingProxyType({code: Word(code, name) for code, name in pairs})


TRANSPORTS = _words(
    ("air", N_("by air")),
    ("road", N_("by road")),
    ("rail", N_("by rail")),
    ("post", N_("by post")),
    ("sea", N_("by sea")),
)
PLACES = _words(
    ("premises", N_("premises of the consignee")),
    ("warehouse", N_("customs (bonded) warehouse")),
    ("post_box", N_("post box")),
    ("bank", N_("bank")),
)
"""Where a consignment is delivered: a post box and a bank never (1961 art. 31(8), 1971 art. 12(3))."""
EXCEPTIONS = _words(
    ("re_export", N_("imported to be exported again")),
    ("vital_treatment", N_("needed for the treatment of the sick, without delay")),
)
"""Reasons for which a quantity may go beyond an estimate (1961 art. 21(4)(b))."""
YES_NO = _words(("yes", N_("yes")), ("no", N_("no")))


@dataclass(frozen=True, slots=True)
class Particular:
    """One particular: its code, what it is called, how it is read, a hint, the words it may be."""

    code: str
    name: str
    read: Callable[[str], object]
    hint: str = ""
    words: Mapping[str, Word] = field(default_factory=lambda: MappingProxyType({}))

    def column(self, *, required: bool) -> Column:
        """Return the particular as a column, so that pages, files and the API read it alike."""
        return Column(
            self.code, self.read, required, self.hint or self.name, tuple(self.words), meanings=named(self.words)
        )


def _closed(code: str, name: str, words: Mapping[str, Word], hint: str = "") -> Particular:
    return Particular(code, name, choice(words), hint, words)


def as_countries(cell: str) -> str:
    """Read country codes separated by ``;``."""
    return ";".join(as_country(each.strip()) for each in cell.split(";") if each.strip())


PARTICULARS: Mapping[str, Particular] = MappingProxyType(
    {
        each.code: each
        for each in (
            Particular("partner_address", N_("Address of the partner abroad"), as_text),
            Particular("contract_number", N_("Number of the contract or invoice"), as_code),
            Particular("consignee", N_("Consignee"), as_name, N_("Exactly as on the foreign permit.")),
            Particular("consignee_address", N_("Address of the consignee"), as_text),
            _closed("consignee_place", N_("Delivered to"), PLACES),
            Particular("counterpart_issued_on", N_("Foreign permit issued on"), as_day),
            Particular("counterpart_expires_on", N_("Foreign permit valid to"), as_day),
            Particular("counterpart_issuer", N_("Authority that issued the foreign permit"), as_name),
            _closed("counterpart_seen", N_("Original of the foreign permit was seen"), YES_NO),
            Particular("customs_office", N_("Customs office"), as_name),
            Particular("entry_point", N_("Border point of entry"), as_name),
            Particular("exit_point", N_("Border point of exit"), as_name),
            _closed("transport", N_("Transport"), TRANSPORTS),
            Particular("route", N_("Countries of transit"), as_countries, N_("Two letters each, in order: KZ;RU")),
            Particular("planned_arrival", N_("Expected arrival"), as_day),
            _closed("unloading", N_("Goods are unloaded on the way"), YES_NO),
            Particular("origin_country", N_("Country that exported the goods"), as_country),
            Particular("origin_permit", N_("Number of its export permit"), as_code),
            Particular("diverted_from", N_("Country the goods were first bound for"), as_country),
            Particular("original_permit", N_("Our import permit the goods came on"), as_code),
            Particular("process", N_("Process"), as_note, N_("What is done with the substance.")),
            Particular("product_made", N_("Product made"), as_name),
            Particular("premises", N_("Premises"), as_name),
            Particular("stock_on_hand", N_("Stock on hand"), as_text, N_("In the unit of the product.")),
            Particular("stock_on", N_("Stock counted on"), as_day),
            Particular("emergency", N_("The emergency"), as_note, N_("What happened, who needs the medicines.")),
            Particular("relief_agency", N_("Relief agency"), as_name),
            Particular("consignments", N_("Planned consignments"), as_note, N_("How many, and about when.")),
            _closed("exception", N_("Exception asked for"), EXCEPTIONS),
        )
    }
)


def write_particulars(values: Mapping[str, object]) -> str:
    """Write particulars as JSON text, days in ISO form; what is empty is left out."""
    kept = {
        code: value.isoformat() if isinstance(value, date) else str(value)
        for code, value in values.items()
        if value not in (None, "")
    }
    return json.dumps(kept, ensure_ascii=False, sort_keys=True)


def read_particulars(text: str) -> Mapping[str, str]:
    """Return particulars as they were written; days stay ISO text."""
    return MappingProxyType(json.loads(text) if text else {})


def day_of(particulars: Mapping[str, str], code: str) -> date | None:
    """Return a particular that is a day, None where it was not given."""
    value = particulars.get(code)
    return date.fromisoformat(value) if value else None
