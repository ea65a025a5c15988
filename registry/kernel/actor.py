"""Who acts: the signed-in person as the services see them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (or the built-in ``system`` account) with roles and, for firms, an organisation.

    `organisation_id` is None for people of the authority.
    """

    user_id: int | None
    username: str
    roles: frozenset[str] = field(default_factory=frozenset)
    organisation_id: int | None = None

    def has(self, *roles: str) -> bool:
        """Say whether the actor holds any of `roles`."""
        return not self.roles.isdisjoint(roles)


SYSTEM = Actor(user_id=None, username="system", roles=frozenset({"system"}))
