"""The policy: one table that says who may do what, asked by every page, endpoint and command.

What depends on the case itself (whoever drafts may not approve; states) is a rule of the
case and stands in its room. What is not in the table is forbidden. Ground: the project's
table of roles, with what each must never see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from registry.accounts.domain import AUTHORITY_ROLES, FIRM_ROLES, Role
from registry.kernel.actor import Actor
from registry.kernel.errors import Forbidden
from registry.kernel.text import N_, Message

EVERYBODY = AUTHORITY_ROLES | FIRM_ROLES


@dataclass(frozen=True, slots=True)
class Action:
    """One row of the policy: `roles` may; roles of firms only where the object is their own organisation's.

    `own_only` False means that even firms may do it whatever the object (lists of substances).
    """

    name: str
    roles: frozenset[Role]
    about: str
    own_only: bool = True


def _action(name: str, about: str, *roles: Role | frozenset[Role], own_only: bool = True) -> Action:
    held: set[Role] = set()
    for role in roles:
        held |= role if isinstance(role, frozenset) else {role}
    return Action(name, frozenset(held), about, own_only)


_OFFICER, _APPROVER, _STATISTICIAN = Role.OFFICER, Role.APPROVER, Role.STATISTICIAN
_AUDITOR, _ADMINISTRATOR = Role.AUDITOR, Role.ADMINISTRATOR
_IMPORTER, _CUSTOMS = Role.IMPORTER, Role.CUSTOMS

ACTIONS: Mapping[str, Action] = MappingProxyType(
    {
        action.name: action
        for action in (
            _action("home", N_("see the start page"), EVERYBODY, _CUSTOMS, own_only=False),
            _action("search", N_("search"), EVERYBODY, own_only=False),
            _action("accounts.profile", N_("keep the own profile"), EVERYBODY, _CUSTOMS, own_only=False),
            _action("accounts.manage", N_("keep accounts and roles"), _ADMINISTRATOR),
            _action("substances.read", N_("read the lists of substances"), EVERYBODY, own_only=False),
            _action("products.read", N_("read the products"), EVERYBODY, own_only=False),
            _action("products.write", N_("decide on products"), _OFFICER, _ADMINISTRATOR),
            _action("workdays.read", N_("read public holidays and working days"), EVERYBODY, own_only=False),
            _action("parties.read", N_("read organisations and sites"), EVERYBODY),
            _action(
                "parties.contact",
                N_("keep the contact address of an organisation"),
                _OFFICER,
                _ADMINISTRATOR,
                FIRM_ROLES,
            ),
            _action("authorities.read", N_("read the authorities of other countries"), AUTHORITY_ROLES),
            _action("authorities.write", N_("record authorities of other countries"), _OFFICER, _ADMINISTRATOR),
            _action("licences.read", N_("read licences"), EVERYBODY),
            _action("licences.propose", N_("suspend licences, propose what mends or ends them"), _OFFICER),
            _action("licences.decide", N_("decide on what mends or ends licences"), _APPROVER),
            _action("deeds.read", N_("see what waits for a second person"), AUTHORITY_ROLES),
            _action("deputies.read", N_("see who stands in for whom"), AUTHORITY_ROLES),
            _action("deputies.propose", N_("name deputies, end what they stand in for"), _ADMINISTRATOR),
            _action("deputies.decide", N_("decide on deputies"), _APPROVER, _ADMINISTRATOR),
            _action("mergers.propose", N_("propose to merge records of one thing"), _OFFICER, _ADMINISTRATOR),
            _action("mergers.decide", N_("decide on merging records"), _APPROVER),
            # Quotas and balances of other firms are nobody's business but the authority's.
            _action("quotas.read", N_("read quotas"), AUTHORITY_ROLES),
            _action("quotas.propose", N_("propose quotas"), _OFFICER),
            _action("quotas.approve", N_("approve quotas"), _APPROVER),
            _action("quotas.publish", N_("publish state quotas"), _APPROVER),
            _action("quotas.turn", N_("open a year and look its turn through"), _OFFICER, _APPROVER),
            _action("parameters.read", N_("read the parameters"), AUTHORITY_ROLES),
            _action("parameters.propose", N_("propose values of parameters"), _OFFICER, _ADMINISTRATOR),
            _action("parameters.approve", N_("approve values of parameters"), _APPROVER),
            _action("parameters.set", N_("take over values of parameters from acts"), _ADMINISTRATOR),
            _action("permits.read", N_("read applications and permits"), AUTHORITY_ROLES, FIRM_ROLES),
            _action("permits.apply", N_("apply for a permit"), _IMPORTER),
            _action("permits.examine", N_("examine an application"), _OFFICER),
            _action("permits.issue", N_("issue a permit"), _APPROVER),
            _action("permits.refuse", N_("refuse an application"), _APPROVER),
            _action("permits.endorse", N_("record an endorsement"), _OFFICER),
            _action("permits.awaited", N_("see what is waited for after issue"), AUTHORITY_ROLES),
            _action("permits.chase", N_("remind of what is late after issue"), _OFFICER, _ADMINISTRATOR),
            _action("originals.read", N_("see which originals were drawn at random"), AUTHORITY_ROLES),
            _action("originals.draw", N_("draw originals at random"), _OFFICER, _ADMINISTRATOR),
            _action("originals.record", N_("record what was seen of an original"), _OFFICER),
            _action("correspondence.read", N_("read the exchange with other authorities"), AUTHORITY_ROLES),
            _action("correspondence.receive", N_("take in permits of other authorities"), _OFFICER),
            _action("correspondence.send", N_("send permits to other authorities"), _OFFICER),
            # Customs sees a permit it asks for by number or code, never a list, a quota or a stock.
            _action("customs.read", N_("check permits at the border"), _CUSTOMS, _OFFICER, _APPROVER, _AUDITOR),
            _action("customs.write_off", N_("write off what crosses the border"), _CUSTOMS),
            _action(
                "stock.read", N_("read balances and totals"), _OFFICER, _APPROVER, _STATISTICIAN, _AUDITOR, FIRM_ROLES
            ),
            # The statistician works from totals and never sees a single line of dispensing.
            _action(
                "stock.lines.read", N_("read single lines of the ledger"), _OFFICER, _APPROVER, _AUDITOR, FIRM_ROLES
            ),
            _action("stock.post", N_("post movements and counts"), FIRM_ROLES),
            _action("stock.release", N_("release imported lots from quarantine"), _OFFICER, _IMPORTER),
            _action("stock.rule", N_("rule on differences between sender and receiver"), _APPROVER),
            _action(
                "reports.read", N_("read reports of sites"), _OFFICER, _APPROVER, _STATISTICIAN, _AUDITOR, FIRM_ROLES
            ),
            _action("reports.state", N_("report that movements are complete"), FIRM_ROLES),
            _action("reports.chase", N_("ask for reports that are late"), _OFFICER, _ADMINISTRATOR),
            # Of substitution therapy nobody above the site sees a sheet, only totals that give nobody away.
            _action("therapy.read", N_("read daily sheets of the own sites"), Role.PHARMACY),
            _action("therapy.write", N_("write daily sheets of the own sites"), Role.PHARMACY),
            _action(
                "therapy.totals",
                N_("read totals of substitution therapy"),
                _OFFICER,
                _APPROVER,
                _STATISTICIAN,
                _AUDITOR,
            ),
            _action("periods.propose", N_("close periods, propose to reopen them"), _OFFICER),
            _action("periods.decide", N_("decide on reopening periods"), _APPROVER),
            _action("destruction.sign", N_("sign acts of destruction for the authority"), _OFFICER, _APPROVER),
            _action(
                "destruction.witness",
                N_("sign acts of destruction for a third institution"),
                _OFFICER,
                _APPROVER,
                _AUDITOR,
            ),
            # Seized goods are no licit stock: no firm has a part in them.
            _action("seizures.read", N_("read seizures"), _OFFICER, _APPROVER, _STATISTICIAN, _AUDITOR),
            _action("seizures.write", N_("record what became of seizures"), _OFFICER),
            _action("returns.read", N_("read returns"), _OFFICER, _APPROVER, _STATISTICIAN, _AUDITOR),
            _action("returns.build", N_("build returns"), _OFFICER, _APPROVER, _STATISTICIAN),
            _action("flags.read", N_("read flags"), _OFFICER, _APPROVER, _AUDITOR, _ADMINISTRATOR),
            _action("flags.take", N_("take flags on"), _OFFICER, _APPROVER),
            _action("flags.close", N_("close flags"), _OFFICER, _APPROVER),
            _action("flags.sweep", N_("let the watches look"), _OFFICER, _ADMINISTRATOR),
            _action("audit.read", N_("read the audit log"), _AUDITOR, _ADMINISTRATOR),
            _action("mail.manage", N_("look after the letters that go out"), _ADMINISTRATOR),
            _action("health.read", N_("read the state of the system"), _ADMINISTRATOR),
            _action("files.import.organisations", N_("import organisations"), _ADMINISTRATOR),
            _action("files.import.authorities", N_("import authorities of other countries"), _OFFICER, _ADMINISTRATOR),
            _action("files.import.licences", N_("import licences"), _ADMINISTRATOR),
            _action("files.import.products", N_("import products"), _ADMINISTRATOR),
            _action("files.import.components", N_("import components"), _ADMINISTRATOR),
            _action("files.import.quotas", N_("import quotas"), _ADMINISTRATOR),
            _action("files.import.permits", N_("import permits"), _ADMINISTRATOR),
            _action("files.import.foreign_estimates", N_("import estimates of other countries"), _OFFICER),
            _action("files.import.holidays", N_("import public holidays"), _OFFICER, _ADMINISTRATOR),
            _action("files.import.endorsements", N_("import endorsements"), _OFFICER),
            _action("files.import.population", N_("import population figures"), _ADMINISTRATOR),
            _action("files.import.past_returns", N_("import past returns"), _ADMINISTRATOR),
            _action("files.import.movements", N_("import movements"), FIRM_ROLES),
            _action("files.import.counts", N_("import counts"), FIRM_ROLES),
            _action("files.import.natural_losses", N_("import norms of natural loss"), _OFFICER, _ADMINISTRATOR),
            _action("files.import.prescription_limits", N_("import what one prescription may be for"), _ADMINISTRATOR),
            _action("files.import.therapy_sheets", N_("import daily sheets of therapy"), Role.PHARMACY),
            _action("files.import.applications", N_("import applications"), _IMPORTER),
            _action("files.import.declarations", N_("import end-use declarations"), _OFFICER, _IMPORTER),
            _action("files.import.seizures", N_("import seizures"), _OFFICER),
            _action("files.import.notices", N_("import pre-export notices"), _OFFICER),
        )
    }
)


def roles_for(action: str) -> frozenset[str]:
    """Return the roles that hold `action`, for navigation items. Raises KeyError for an unknown action."""
    return frozenset(role.value for role in ACTIONS[action].roles)


def holds(actor: Actor, action: str) -> bool:
    """Say whether `actor` may do `action` to at least something: what the guard of a route asks.

    It does not answer for a particular object; ask `allows` with its organisation, or narrow a list by `scope`.
    """
    known = ACTIONS[action]
    if actor.has(Role.SYSTEM.value):
        return True
    firm = actor.roles & known.roles & FIRM_ROLES
    if firm and known.own_only and actor.organisation_id is None:
        return bool((actor.roles & known.roles) - FIRM_ROLES)
    return not actor.roles.isdisjoint(known.roles)


def allows(actor: Actor, action: str, organisation_id: int | None = None) -> bool:
    """Say whether `actor` may do `action` to an object of `organisation_id` (None: an object of no firm).

    A firm may act on its own organisation only, so for it None is a no unless the action is
    open to all. Raises KeyError for an action that is not in the table.
    """
    known = ACTIONS[action]
    if actor.has(Role.SYSTEM.value) or not actor.roles.isdisjoint(known.roles - FIRM_ROLES):
        return True
    if actor.roles.isdisjoint(known.roles & FIRM_ROLES):
        return False
    return not known.own_only or (organisation_id is not None and organisation_id == actor.organisation_id)


def require(actor: Actor, action: str, organisation_id: int | None = None) -> None:
    """Raise `Forbidden` unless `allows` says yes."""
    if not allows(actor, action, organisation_id):
        raise _forbidden(action)
    if actor.lent and not allows(_alone(actor), action, organisation_id):
        _note_lent(actor, action)


def require_holds(actor: Actor, action: str) -> None:
    """Raise `Forbidden` unless `holds` says yes."""
    if not holds(actor, action):
        raise _forbidden(action)
    if actor.lent and not holds(_alone(actor), action):
        _note_lent(actor, action)


def lenders(actor: Actor, action: str, organisation_id: int | None = None) -> frozenset[str]:
    """Return the people who are away and thanks to whom alone `actor` may do `action`; none where the own roles do."""
    if not actor.lent or allows(_alone(actor), action, organisation_id):
        return frozenset()
    return frozenset(each.absent for each in actor.lent if each.role in ACTIONS[action].roles)


def scope(actor: Actor, action: str) -> int | None:
    """Return the organisation to which a list must be narrowed, None for no narrowing.

    Raises `Forbidden` for an actor who may not do `action` at all.
    """
    require_holds(actor, action)
    return None if allows(actor, action) else actor.organisation_id


def _alone(actor: Actor) -> Actor:
    """Return the actor without what is held for people who are away."""
    return replace(actor, roles=actor.own_roles, lent=frozenset())


def _note_lent(actor: Actor, action: str) -> None:
    """Note for the audit log that the right came from somebody who is away."""
    actor.used.update(each for each in actor.lent if each.role in ACTIONS[action].roles)


def _forbidden(action: str) -> Forbidden:
    return Forbidden(
        Message(N_("your roles do not allow you to %(action)s"), {"action": Message(ACTIONS[action].about)})
    )
