"""The tables of `docs/reference.md`, made from the catalogues of the code.

`python -m tests.docs.generate` writes them into the page, between the marks.
"""

from __future__ import annotations

import importlib
import pkgutil
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

import click

import registry
from exports.catalogue import all_formats
from forms.catalogue import all_editions
from forms.checks import CHECKS
from registry.accounts.domain import ROLES, Role
from registry.accounts.policy import ACTIONS
from registry.api.endpoints import PREFIX as PREFIX_OF_API
from registry.api.endpoints import collected
from registry.api.openapi import operation, spelled
from registry.app import create_app
from registry.exchange.catalogue import NOT_YET, file_kinds
from registry.kernel.fields import Column
from registry.kernel.parameters import Parameter, ParameterKind
from registry.kernel.rules import Rule
from registry.licences.domain import ACTS
from registry.parameters.catalogue import all_parameters
from registry.parties.domain import ORGANISATION_KINDS
from registry.permits.domain.kinds import PERMIT_KINDS, PERMIT_STATE_NAMES, REFUSAL_GROUNDS
from registry.permits.domain.transitions import STATE_NAMES, TRANSITIONS
from registry.quotas.domain.kinds import ITEMS, QUOTA_KINDS
from registry.settings import PREFIX, Settings
from registry.stock.domain.kinds import ENTERED_KINDS, MovementKind
from registry.stock.domain.national import STOCK, Effect, national_effect
from tests.docs import schemas
from tests.docs.markdown import code, codes, filled, table, yes

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference.md"
FLASK_OWN = frozenset({"run", "shell", "routes"})
MIGRATIONS = "db"
ONE_OF_MANY = 24


def leaves(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command below `group` with the words that call it."""
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from leaves(command, (*before, name))
        else:
            yield (*before, name), command


def commands() -> list[tuple[str, click.Command]]:
    """Return the commands of the application, without those of Flask and of the migrations."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(database_url="sqlite://", instance=folder, secret_key="tables"))
    assert isinstance(app.cli, click.Group)
    return [
        (" ".join(words), command) for words, command in leaves(app.cli) if words[0] not in {*FLASK_OWN, MIGRATIONS}
    ]


def settings_table() -> str:
    rows = (
        (code(PREFIX + item.name.upper()), code(item.default) or "empty", item.metadata["text"])
        for item in fields(Settings)
    )
    return table(("variable", "default", "what it sets"), rows)


def commands_table() -> str:
    rows = ((code(f"flask {name}{_arguments(one)}"), _help(one), _options(one)) for name, one in commands())
    return table(("command", "does", "options"), rows)


def _arguments(command: click.Command) -> str:
    names = [one.metavar or (one.name or "").upper() for one in command.params if isinstance(one, click.Argument)]
    return "".join(f" {name}" for name in names)


def _help(command: click.Command) -> str:
    return (command.help or command.short_help or "").split("\n\n")[0]


def _options(command: click.Command) -> str:
    return "<br>".join(_option(one) for one in command.params if isinstance(one, click.Option))


def _option(option: click.Option) -> str:
    words = [option.opts[-1] if option.opts[-1].startswith("--") else option.opts[0]]
    if not option.is_flag:
        chosen = option.type.choices if isinstance(option.type, click.Choice) else None
        words.append("|".join(str(one) for one in chosen) if chosen else option.metavar or option.type.name.upper())
    said = [option.help.rstrip(".")] if option.help else []
    said += ["needed"] if option.required else []
    if isinstance(option.default, str) and "default" not in (option.help or ""):
        said.append(f"default {option.default}")
    return code(" ".join(words)) + (f" {', '.join(said)}" if said else "")


def files_table() -> str:
    parts = []
    for kind in file_kinds().values():
        rows = ((code(one.name), yes(said=one.required), _words(one), one.note) for one in kind.columns)
        heads = ("column", "needed", "words it may hold", "note")
        parts.append(f"\n#### `{kind.name}`\n\n{kind.title}. {kind.about}\n\n{table(heads, rows)}")
    left = codes(sorted(NOT_YET - set(file_kinds())))
    return "".join(parts) + (f"\nNot taken in yet: {left}.\n" if left else "")


def _words(column: Column) -> str:
    """Return the words of a column, but for those that have a table of their own further down."""
    own = {tuple(ENTERED_KINDS): "movements", tuple(ACTS): "acts", tuple(ORGANISATION_KINDS): "organisations"}
    if column.choices in own:
        return f"see [{own[column.choices]}](#{own[column.choices]})" + (", several by `;`" if column.several else "")
    return codes(column.choices) if len(column.choices) <= ONE_OF_MANY else ""


def movements_table() -> str:
    heads = (
        "code", "name", "shelf of the site", "counts at the wholesale level", "counts at the retail level",
        "act of the licence, any one of", "permit",
    )  # fmt: skip
    rows = ((code(one.code), one.name, _shelf(one), *_counts(one), _acts(one), one.trade or "") for one in _kinds())
    return table(heads, rows)


def _kinds() -> Iterator[MovementKind]:
    yield from ENTERED_KINDS.values()


def _shelf(kind: MovementKind) -> str:
    sign = {1: "rises", -1: "falls", 0: "stays"}[kind.shelf]
    return f"{sign}, the other side rises" if kind.two_sided else sign


def _counts(kind: MovementKind) -> tuple[str, str]:
    if not kind.two_sided:
        return tuple(_effect(national_effect(kind, wholesale=level, counter_wholesale=None)) for level in (True, False))  # type: ignore[return-value]
    across = {level: national_effect(kind, wholesale=level, counter_wholesale=not level) for level in (True, False)}
    return f"to the retail level: {_effect(across[True])}", f"to the wholesale level: {_effect(across[False])}"


def _effect(effect: Effect) -> str:
    return (
        ", ".join(
            f"{'national stock' if column == STOCK else code(column)} {'+' if sign > 0 else '−'}"
            for column, sign in effect
        )
        or "nothing"
    )


def _acts(kind: MovementKind) -> str:
    if not kind.licensed:
        return "none asked"
    own = codes(sorted(kind.acts)) or "any act"
    return f"{own}; of the receiver {codes(sorted(kind.counter_acts)) or 'any act'}" if kind.two_sided else own


def acts_table() -> str:
    return table(("code", "act"), ((code(act.code), act.name) for act in ACTS.values()))


def organisations_table() -> str:
    rows = ((code(kind.code), kind.name, kind.level.value) for kind in ORGANISATION_KINDS.values())
    return table(("code", "kind of organisation", "level"), rows)


def rules() -> list[Rule]:
    """Return every rule that a domain of a room declares, in the order of the codes."""
    found: dict[str, Rule] = {}
    for module in pkgutil.walk_packages(registry.__path__, f"{registry.__name__}."):
        if "domain" in module.name.split("."):
            declared = vars(importlib.import_module(module.name)).values()
            found.update({one.code: one for one in declared if isinstance(one, Rule)})
    return [found[name] for name in sorted(found)]


def rules_table() -> str:
    rows = (
        (
            code(one.code), one.text, one.legal_ground, one.severity.value, one.reported.value, yes(said=one.fixed),
            ", ".join(one.sources),
        )
        for one in rules()
    )  # fmt: skip
    heads = ("code", "rule", "ground", "on pages and in applications", "in files that report", "fixed", "source")
    return table(heads, rows)


def parameters_table() -> str:
    """Without the weights of the rules, which stand in their own table."""
    rows = (
        (
            code(one.code), one.name, one.kind.value.replace("_", " "), code(one.default), bounds(one), one.legal_ground,
            ", ".join(one.sources),
        )
        for one in all_parameters().values()
        if one.kind is not ParameterKind.SEVERITY
    )  # fmt: skip
    return table(("code", "what is set", "kind", "where nothing is set", "may be", "ground", "source"), rows)


def bounds(one: Parameter) -> str:
    if one.words:
        return codes(word for word, _ in one.words)
    least, most = one.bounds
    return "" if most is None else f"{least} to {most}"


def quotas_table() -> str:
    rows = (
        (
            code(kind.code), kind.name, kind.about, codes(sorted(kind.treaties)), yes(said=kind.itemised),
            yes(said=kind.adds), yes(said=kind.stays),
        )
        for kind in QUOTA_KINDS.values()
    )  # fmt: skip
    return table(("code", "name", "about", "treaties", "names an item", "adds", "stays until replaced"), rows)


def items_table() -> str:
    rows = (
        (code(one.code), one.name, f"art. 19(1)({one.letter})", "needed" if one.of_organisation else "")
        for one in ITEMS.values()
    )
    return table(("code", "item of the estimates", "1961 Convention", "organisation"), rows)


def permits_table() -> str:
    rows = (
        (
            code(kind.code), kind.name, code(kind.act), yes(said=kind.reserves), yes(said=kind.several),
            yes(said=kind.in_files), yes(said=kind.needs_counterpart), codes(sorted(kind.needs)),
        )
        for kind in PERMIT_KINDS.values()
    )  # fmt: skip
    heads = (
        "code", "name", "act", "reserves quota", "several consignments", "comes by file",
        "not without the other country's permit", "particulars it needs",
    )  # fmt: skip
    return table(heads, rows)


def permit_states_table() -> str:
    return table(("code", "a permit is"), ((code(state.value), name) for state, name in PERMIT_STATE_NAMES.items()))


def case_states_table() -> str:
    return table(("code", "a case is"), ((code(state.value), name) for state, name in STATE_NAMES.items()))


def steps_table() -> str:
    rows = (
        (
            code(one.step), one.name, codes(one.sources) or "(new)", code(one.target), code(one.action),
            yes(said=one.second_person), yes(said=one.needs_note),
        )
        for one in TRANSITIONS.values()
    )  # fmt: skip
    heads = ("step", "name", "from", "to", "action of the policy", "not by the proposer", "a text is needed")
    return table(heads, rows)


def grounds_table() -> str:
    return table(("code", "ground of refusal"), ((code(one.code), one.name) for one in REFUSAL_GROUNDS.values()))


def roles_table() -> str:
    rows = (
        (
            code(fact.role.value),
            fact.name,
            fact.about,
            "one organisation" if fact.of_firm else "another service" if fact.guest else "the authority",
        )
        for fact in ROLES.values()
    )
    return table(("role", "name", "does", "acts for"), rows)


def actions_table() -> str:
    shown = [role for role in Role if role in ROLES]
    rows = ((code(one.name), one.about, *(yes(said=role in one.roles) for role in shown)) for one in ACTIONS.values())
    return table(("action", "what it allows", *(role.value for role in shown)), rows)


def editions_table() -> str:
    rows = (
        (
            one.form.value, code(one.code), one.ordinal, one.title, f"{one.valid_from} to {one.valid_to or 'now'}",
            one.unit, ", ".join(part.code for part in one.parts), "known" if one.grid_known else "not seen",
        )
        for line in all_editions().values()
        for one in line
    )  # fmt: skip
    return table(("form", "edition", "number", "title", "serves", "unit", "parts", "printed grid"), rows)


def columns_table() -> str:
    latest = [line[-1] for line in all_editions().values()]
    rows = (
        (one.form.value, part.code, code(column.code), column.caption, column.clause)
        for one in latest
        for part in one.parts
        for column in part.columns
    )
    return table(("form", "part", "column", "caption", "ground"), rows)


def checks_table() -> str:
    rows = (
        (code(one.code), one.title, one.ground, ", ".join(sorted(form.value for form in one.forms)), one.measure)
        for one in CHECKS
    )
    return table(("code", "what is asked", "ground", "forms", "difference in"), rows)


def formats_table() -> str:
    rows = ((code(one.name), code(one.ending), one.media_type) for one in all_formats().values())
    return table(("format", "ending", "media type"), rows)


def lists_table() -> str:
    rows = []
    for path in sorted((ROOT / "registry" / "reference").glob("*/edition.toml")):
        edition = tomllib.loads(path.read_text("utf-8"))
        rows.append((code(path.parent.name), edition.get("title", ""), edition.get("valid_from") or "not known"))
    return table(("folder", "edition", "in force from"), rows)


def endpoints_table() -> str:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(database_url="sqlite://", instance=folder, secret_key="tables"))
    rows = (
        (code(f"{one.method} {PREFIX_OF_API}{spelled(one.path)}"), code(one.action), operation(one)["summary"])
        for one in sorted(collected(app), key=lambda one: (one.path, one.method))
    )
    return table(("request", "action", "answers"), rows)


TABLES: dict[str, Callable[[], str]] = {
    "commands": commands_table,
    "settings": settings_table,
    "files": files_table,
    "movements": movements_table,
    "acts": acts_table,
    "organisations": organisations_table,
    "rules": rules_table,
    "parameters": parameters_table,
    "quotas": quotas_table,
    "items": items_table,
    "permits": permits_table,
    "permit-states": permit_states_table,
    "case-states": case_states_table,
    "steps": steps_table,
    "grounds": grounds_table,
    "roles": roles_table,
    "actions": actions_table,
    "editions": editions_table,
    "columns": columns_table,
    "checks": checks_table,
    "formats": formats_table,
    "lists": lists_table,
    "endpoints": endpoints_table,
}


def tables() -> dict[str, str]:
    """Return every table of the page by the name of its block."""
    return {name: make() for name, make in TABLES.items()}


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text("utf-8"), tables()), "utf-8")
    schemas.write()
