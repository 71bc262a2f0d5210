"""`persistauth settings`."""

import re
from typing import Final

import click
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from streamlit_persistauth.cli.options import examples, reporting
from streamlit_persistauth.cli.report import Report, paragraph
from streamlit_persistauth.core.text.measure import fits, shorten
from streamlit_persistauth.settings import (
    AuthSettings,
    environment_name,
    read_origins,
    read_settings,
)

MASK: Final = "***"
URLS: Final = frozenset({"database_url", "token_store_url", "smtp_url", "public_url"})
"""Settings that are shown as far as they hold no password."""
WIDTH: Final = 200
"""The most characters of one value in a text; JSON has all."""
_SCHEME: Final = re.compile(r"[\w+.-]+://")


@click.command(epilog=examples("persistauth settings", "persistauth settings --json"))
@reporting
def settings(report: Report) -> None:
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
        }
        for field, info in AuthSettings.model_fields.items()
    ]
    lines = [
        f"{fact['name']}={_to_text(fact['value'])}  ({fact['source']})\n"
        f"{paragraph(str(fact['meaning']))}"
        for fact in facts
    ]
    report.show(facts, *lines)


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
    text = "" if value is None else str(value)
    return text if fits(text, WIDTH) else f"{shorten(text, WIDTH)}…"
