"""`persistauth settings`."""

import re
from collections.abc import Mapping
from typing import Final

import click
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from streamlit_persistauth.cli.options import examples, reporting
from streamlit_persistauth.cli.report import Report, paragraph
from streamlit_persistauth.core.text.measure import fits, shorten
from streamlit_persistauth.settings import (
    AuthSettings,
    environment_name,
    read_origins,
    read_settings,
)
from streamlit_persistauth.wiring.key_file import key_path

MASK: Final = "***"
URLS: Final = frozenset({"database_url", "token_store_url", "smtp_url", "public_url"})
"""Settings that are shown as far as they hold no password."""
WIDTH: Final = 200
"""The most characters of one value in a text; JSON has all."""
_SCHEME: Final = re.compile(r"[\w+.-]+://")


@click.command(
    epilog=examples(
        "persistauth settings", "persistauth settings --changed", "persistauth settings --json"
    )
)
@click.option("--changed", is_flag=True, help="Only settings whose value is not the default.")
@reporting
def settings(report: Report, *, changed: bool) -> None:
    """Show every setting: value, source and meaning.

    Run it where the app runs, with the same environment. Keys, peppers and passwords are masked.
    Settings that the app makes in code are not shown.
    """
    current, sources = read_settings(), read_origins()
    facts = [
        {
            "name": environment_name(field),
            "value": _masked(field, info, getattr(current, field)),
            "source": sources.get(field, "default"),
            "meaning": info.description,
            **_key_file(field, current),
        }
        for field, info in AuthSettings.model_fields.items()
        if not changed or getattr(current, field) != info.default
    ]
    lines = [f"{_line(fact)}\n{paragraph(str(fact['meaning']))}" for fact in facts]
    report.show(facts, *(lines or ["Every setting has its default."]))


def _key_file(field: str, current: AuthSettings) -> dict[str, str]:
    """Return where the signing key is kept, if it is not set but in a file."""
    if field != "jwt_secret_key" or current.jwt_secret_key is not None:
        return {}
    try:
        database = make_url(current.database_url)
    except ArgumentError:
        return {}
    path = key_path(database) if database.get_backend_name() == "sqlite" else None
    return {"key_file": str(path)} if path else {}


def _line(fact: Mapping[str, object]) -> str:
    """Return the name of a setting with its value and source."""
    name, value, source = fact["name"], fact["value"], fact["source"]
    if value not in (None, []):
        return f"{name}={_to_text(value)}  ({source})"
    notes = ["not set"]
    if source != "default":
        notes.append(f"empty in {source}")
    if "key_file" in fact:
        notes.append(f"the key is kept in {fact['key_file']}")
    return f"{name}  ({'; '.join(notes)})"


def _masked(field: str, info: FieldInfo, value: object) -> object:
    """Return the value of a setting without its secrets; None if it has none."""
    if isinstance(value, tuple):
        return [_masked(field, info, item) for item in value]
    if value in (None, ""):
        return None
    if field in URLS:
        text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        return mask_url(text)
    return MASK if isinstance(value, SecretStr) or not info.repr else value


def mask_url(url: str) -> str:
    """Return a URL without user, password and query.

    A password may hold any character unescaped, so everything up to the last `@` is masked, and
    the whole URL where a `?` before it may begin the query.
    """
    scheme = _SCHEME.match(url)
    if scheme is None:
        return MASK
    before, at, after = url[scheme.end() :].rpartition("@")
    if "?" in before:
        return f"{scheme[0]}{MASK}"
    place, question, _ = after.partition("?")
    return f"{scheme[0]}{at and MASK + at}{place}{question and question + MASK}"


def _to_text(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return ",".join(map(_to_text, value))
    text = str(value)
    return text if fits(text, WIDTH) else f"{shorten(text, WIDTH)}…"
