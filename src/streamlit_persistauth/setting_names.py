"""Refuses names that look like a misspelled setting."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Final

from streamlit_persistauth.errors import ConfigError

PREFIX: Final = "PERSISTAUTH_"
SECTION: Final = "persistauth"
_LONG_NAME: Final = 15
"""A name of this length or more may differ in two letters to be a near miss, otherwise in one."""


def spellings(name: str) -> tuple[str, str]:
    """Return the names of a setting in the secrets: its variable in lower case, and the field."""
    return name.lower(), name.lower().removeprefix(PREFIX.lower())


def refuse_unknown(names: Iterable[str], known: Iterable[str]) -> None:
    """Refuse names that no setting has, and suggest a similar one.

    Raises:
        ConfigError: A name is unknown.
    """
    spelled = {name.lower(): name for name in known}
    for name in names:
        if name not in spelled.values():
            near = get_close_matches(name.lower(), spelled, n=1)
            raise _unknown(name, spelled[near[0]] if near else None)


def refuse_near_misses(source: Iterable[str], names: Sequence[str]) -> None:
    """Refuse unknown names with our prefix, and near misses of our names without it.

    Raises:
        ConfigError: A name is unknown.
    """
    ours = [name for name in source if name.upper().startswith(PREFIX)]
    refuse_unknown(ours, names)
    unprefixed = [name for name in names if not name.startswith(PREFIX)]
    for name in source:
        near = next((known for known in unprefixed if _is_near_miss(name, known)), None)
        if near is not None and name not in names:
            raise _unknown(name, near)


def _is_near_miss(name: str, known: str) -> bool:
    """Return whether a name differs from a known one in one or two letters.

    Case and underscores are ignored. A name that ends with the known one, such as
    APP_JWT_SECRET_KEY, belongs to another program.
    """
    if name.upper().endswith(f"_{known}"):
        return False
    typed, meant = (text.replace("_", "").replace("-", "").upper() for text in (name, known))
    allowed = 2 if len(meant) >= _LONG_NAME else 1
    return abs(len(typed) - len(meant)) <= allowed and _distance(typed, meant) <= allowed


def _distance(typed: str, meant: str) -> int:
    """Return the number of missing, added, replaced or swapped letters."""
    before: list[int] = []
    row = list(range(len(meant) + 1))
    for i, letter in enumerate(typed, start=1):
        before, last, row = row, before, [i]
        for j, other in enumerate(meant, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == meant[j - 2] and typed[i - 2] == other:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


def refuse_misplaced(sections: Iterable[str], names: Iterable[str]) -> None:
    """Refuse settings outside the section `persistauth`, and a misspelled section name.

    Raises:
        ConfigError: A setting is misplaced, or a section is misspelled.
    """
    known = {name.lower() for name in names}
    for name in sections:
        if name in known:
            raise ConfigError(name, f"in the secrets it belongs in the section [{SECTION}].")
        if name != SECTION and get_close_matches(name.lower(), [SECTION], cutoff=0.9):
            raise _unknown(name, f"[{SECTION}]")


def _unknown(name: str, meant: str | None) -> ConfigError:
    hint = f" Did you mean {meant}?" if meant else ""
    return ConfigError(name, f"there is no such setting.{hint}")
