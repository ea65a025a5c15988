"""Who acts: the signed-in person as the services see them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Lent:
    """A role a deputy holds in these days for somebody who is away, by a dated act."""

    role: str
    absent: str
    act: str


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (or the built-in ``system`` account) with roles and, for firms, an organisation.

    `organisation_id` is None for people of the authority. `roles` are all that may be used today;
    `lent`: those of them held only for somebody who is away. `used`: those of `lent` a right was
    needed from so far; the policy notes them, the audit log writes them down.
    """

    user_id: int | None
    username: str
    roles: frozenset[str] = field(default_factory=frozenset)
    organisation_id: int | None = None
    lent: frozenset[Lent] = frozenset()
    used: set[Lent] = field(default_factory=set, compare=False, repr=False)

    @property
    def own_roles(self) -> frozenset[str]:
        """Return the roles the actor would hold if nobody were away."""
        return self.roles - {each.role for each in self.lent}

    def has(self, *roles: str) -> bool:
        """Say whether the actor holds any of `roles`."""
        return not self.roles.isdisjoint(roles)


SYSTEM = Actor(user_id=None, username="system", roles=frozenset({"system"}))
