"""What every column of text is for. A new one is refused until its purpose stands here: nothing is kept without one.

Columns in people's own words are of the type `registry.db.Note`, which keeps no personal number; they stand nowhere here.
"""

from __future__ import annotations

from collections.abc import Mapping

ACCOUNT = "user name of the account that did it, written by the registry"
OFFICIAL = "a person of an office or a firm who answers for an act by name; never a patient"
WORD = "one word of a table of the registry"
NUMBER = (
    "number or code of a document, a thing or an organisation, read by a field that refuses a certain personal number"
)
NAME = "name of an organisation, a product or a place, read by a field that refuses a certain personal number"
CONTACT = "where an organisation, an authority or a member of staff is reached"
PUBLISHED = "text of a published list or act, loaded by the authority"
MADE = "made by the registry: digest, key, figures, or JSON of what it judged"
SENT = "JSON of what was entered, each value read by a field of its own first"
SECRET = "digest of a secret, or a random word"

BY_NAME: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "actor", "approved_by", "assignee", "changed_by", "closed_by", "decided_by", "done_by", "drafted_by", "drawn_by",
            "ended_by", "entered_by", "lifted_by", "made_by", "officer", "opened_by", "proposed_by", "queued_by",
            "received_by", "recorded_by", "sent_by", "signed_by", "submitted_by", "ticked_by", "username", "withdrawn_by",
        ),
        ACCOUNT,
    ),
    **dict.fromkeys(("counter", "position", "person"), OFFICIAL),
    **dict.fromkeys(
        (
            "action", "category", "cause", "column_name", "confidence", "control", "country", "decision", "direction",
            "effect", "field", "form_type", "format", "institution", "issuer", "item", "kind", "language", "languages",
            "email_language", "list_code", "media_type", "method", "msgid", "origin", "outcome", "partner_country", "period",
            "precision", "reason", "refusal_ground", "role", "rule", "schedule", "schedule_three", "severity", "share",
            "sort", "state", "step", "transition", "treaty", "unit",
        ),
        WORD,
    ),
    **dict.fromkeys(
        (
            "code", "concentrate_label", "counterpart_number", "declaration", "document", "duplicate", "eaeu_number",
            "entry", "filed_under", "foreign_number", "gtin", "label", "message_id", "number", "our_number",
            "prepared_label", "prescription", "reference", "row_reference", "subject", "survivor", "value",
            "registration_number",
        ),
        NUMBER,
    ),
    **dict.fromkeys(
        (
            "act", "authority", "customs_office", "form", "manufacturer", "name", "name_ky", "name_ru", "other_ingredients",
            "partner", "region", "salt",
        ),
        NAME,
    ),
    **dict.fromkeys(("address", "agent", "email", "phone", "recipient"), CONTACT),
    **dict.fromkeys(
        (
            "abbreviation", "basis", "calculated_as", "cas", "check_mark", "cn_code", "combination", "computed_percent",
            "description", "drugs", "edition", "equivalent", "eu_basis", "eu_category", "eu_cn_code", "extra_condition",
            "formula", "hs_code", "hs_preparations_bulk", "hs_preparations_retail", "hydrate", "inchikey",
            "licit_use_note", "licit_use_status", "material", "measure", "measured_as", "mol_weight", "name_as_printed",
            "needs", "other_ingredient", "remarks", "salt_as_printed", "salt_cas", "salts", "source", "sum_of", "title",
            "unii", "variant", "variety",
        ),
        PUBLISHED,
    ),
    **dict.fromkeys(
        (
            "acts", "body", "certificate", "checks", "detail", "digest", "excess", "excess_after", "excess_before",
            "figures", "findings", "headers", "key", "known", "last_error", "letter_key", "limit_value", "line_ids",
            "observed", "params", "pdf_sha256", "pieces", "previous", "receipt", "request_digest",
            "schedule_three_reason", "scope", "search_key", "seed", "sha256", "stock", "stock_after", "stock_before",
            "xml_sha256",
        ),
        MADE,
    ),
    **dict.fromkeys(("cells", "conditions", "data", "facts", "inputs", "particulars", "payload"), SENT),
    **dict.fromkeys(("key_digest", "password_hash", "token", "token_digest"), SECRET),
}  # fmt: skip
"""Name of a column -> its purpose, wherever it stands: one name has one meaning in the house."""

APART: Mapping[str, str] = {
    "account.name": OFFICIAL,
    "api_token.name": "what a program is called by those who gave it its key",
    "destruction_act.ground": WORD,
    "destruction_signature.name": OFFICIAL,
    "letter.subject": MADE,
    "letter_attachment.name": MADE,
    "national_class.ground": PUBLISHED,
    "one_time_link.purpose": WORD,
    "permit_letter.purpose": WORD,
    "posting.source": "name of the file or page an entry came by",
    "refused_file.content": "rows of a refused file, every personal number masked",
    "refused_file.name": "name of the file as sent",
    "upload.name": "name of the file as sent",
}
"""Columns whose name means something else there."""
