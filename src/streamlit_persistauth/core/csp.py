"""Finds mistakes in a Content-Security-Policy, which browsers pass over silently."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

STRICT: Final = "strict"
"""Stands for the tightest policy under which Streamlit works."""
DIRECTIVES: Final = frozenset(
    {
        "base-uri",
        "child-src",
        "connect-src",
        "default-src",
        "font-src",
        "form-action",
        "frame-ancestors",
        "frame-src",
        "img-src",
        "manifest-src",
        "media-src",
        "object-src",
        "report-to",
        "report-uri",
        "require-trusted-types-for",
        "sandbox",
        "script-src",
        "script-src-attr",
        "script-src-elem",
        "style-src",
        "style-src-attr",
        "style-src-elem",
        "trusted-types",
        "upgrade-insecure-requests",
        "worker-src",
    }
)
KEYWORDS: Final = frozenset(
    {
        "none",
        "report-sample",
        "self",
        "strict-dynamic",
        "unsafe-eval",
        "unsafe-hashes",
        "unsafe-inline",
        "wasm-unsafe-eval",
    }
)
"""Sources that browsers take for the name of a host if their quotes are missing."""

_NONE: Final[Mapping[str, str]] = MappingProxyType({})


def fault_of(policy: str, *, reserved: Mapping[str, str] = _NONE) -> str | None:
    """Return a sentence about the first mistake in a policy, or None.

    Args:
        policy: The policy, in ASCII without control characters.
        reserved: Directives that the policy must not have, and the settings that they have.
    """
    if "," in policy:
        return "a comma begins another policy; separate sources by spaces, directives by `;`."
    seen: set[str] = set()
    for number, part in enumerate(filter(None, map(str.split, policy.split(";"))), start=1):
        name, *sources = part
        fault = _fault_in(name.lower(), sources, seen, reserved)
        if fault:
            return f"directive {number} {fault}."
        seen.add(name.lower())
    return None if seen else "a policy has at least one directive."


def _fault_in(
    name: str, sources: list[str], seen: set[str], reserved: Mapping[str, str]
) -> str | None:
    if name not in DIRECTIVES:
        return "has a name that CSP does not define"
    if name in reserved:
        return f"belongs in {reserved[name]}"
    if name in seen:
        return "repeats an earlier one, so browsers ignore it"
    if name.endswith("-src") and not KEYWORDS.isdisjoint(map(str.lower, sources)):
        return "has a keyword without quotes: write 'self', 'none' and so on"
    return None
