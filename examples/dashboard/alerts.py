"""Alerts: requirements that need attention, by rules over the backlog."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from backlog import AS_OF, Requirement

RULES: dict[str, Callable[[Requirement], bool]] = {
    "High risk and not approved": lambda item: (
        item.risk == "High" and item.status in {"Draft", "In review"}
    ),
    "In review for more than 14 days": lambda item: (
        item.status == "In review" and AS_OF - item.updated > timedelta(days=14)
    ),
    "Must have, still a draft": lambda item: item.priority == "Must" and item.status == "Draft",
}


def raised(names: Sequence[str], items: Sequence[Requirement]) -> dict[str, list[str]]:
    """Return the ids that each of the named rules matches, without rules that match none."""
    found = {name: [item.id for item in items if RULES[name](item)] for name in names}
    return {name: ids for name, ids in found.items() if ids}
