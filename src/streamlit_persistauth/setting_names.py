"""The names of settings: what is refused because it is nearly one of them."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from streamlit_persistauth.errors import ConfigError

PREFIX: Final = "PERSISTAUTH_"
SECTION: Final = "persistauth"
_LONG_NAME: Final = 15
"""From so many letters on, two slips make a near miss; in a shorter name, one."""


def refuse_unknown(names: Iterable[str], known: Iterable[str]) -> None:
    """Refuse a name that no setting has, and propose the one that may be meant.

    Raises:
        ConfigError: A name is unknown.
    """
    spelled = {name.lower(): name for name in known}
    for name in names:
        if name not in spelled.values():
            near = get_close_matches(name.lower(), spelled, n=1)
            raise _unknown(name, spelled[near[0]] if near else None)


def refuse_near_misses(source: Iterable[str], names: list[str]) -> None:
    """Refuse what has our prefix and is no setting, and near misses of names without a prefix."""
    ours = [name for name in source if name.upper().startswith(PREFIX)]
    refuse_unknown(ours, names)
    unprefixed = [name for name in names if not name.startswith(PREFIX)]
    for name in source:
        near = next((known for known in unprefixed if _is_near_miss(name, known)), None)
        if near is not None and name not in names:
            raise _unknown(name, near)


def _is_near_miss(name: str, known: str) -> bool:
    """Return whether a name is another spelling of a known one, by a slip or two.

    Case and underscores make no difference. A name that has the known one as its end, such as
    APP_JWT_SECRET_KEY, belongs to another program.
    """
    if name.upper().endswith(f"_{known}"):
        return False
    typed, meant = (text.replace("_", "").replace("-", "").upper() for text in (name, known))
    allowed = 2 if len(meant) >= _LONG_NAME else 1
    return abs(len(typed) - len(meant)) <= allowed and _slips(typed, meant) <= allowed


def _slips(typed: str, meant: str) -> int:
    """Return how many letters are missing, added, replaced or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(meant) + 1))
    for i, mail in enumerate(typed, start=1):
        before, last, row = row, before, [i]
        for j, other in enumerate(meant, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (mail != other))
            if i > 1 and j > 1 and mail == meant[j - 2] and typed[i - 2] == other:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


def refuse_misplaced(sections: Iterable[str], names: Iterable[str]) -> None:
    """Refuse settings beside the section `persistauth`, and a section of nearly this name."""
    known = {name.lower() for name in names}
    for name in sections:
        if name in known:
            raise ConfigError(name, f"in the secrets it belongs into the section [{SECTION}].")
        if name != SECTION and get_close_matches(name.lower(), [SECTION], cutoff=0.9):
            raise _unknown(name, f"[{SECTION}]")


def _unknown(name: str, meant: str | None) -> ConfigError:
    hint = f" Did you mean {meant}?" if meant else ""
    return ConfigError(name, f"there is no such setting.{hint}")
