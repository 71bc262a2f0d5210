"""Events as CSV, which does no harm in a spreadsheet."""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from streamlit_persistauth.core.storage.records import EventRecord

HEADER: Final = "created_at,event_type,user_id,ip_address,user_agent,details\r\n"
_FORMULA: Final = re.compile(r"[\s'\"]*[=+\-@\uff1d\uff0b\uff0d\uff20]")
"""What a spreadsheet may take for a formula: such a character at the beginning, wide ones too."""
_HIDDEN: Final = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def csv_rows(events: Iterable[EventRecord]) -> str:
    """Return events as rows of CSV (RFC 4180), each value in quotes."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for event in events:
        writer.writerow(
            [
                event.created_at.isoformat(),
                *map(
                    harmless,
                    (
                        event.event_type,
                        event.user_id or "",
                        event.ip_address or "",
                        event.user_agent or "",
                        json.dumps(event.details, ensure_ascii=False) if event.details else "",
                    ),
                ),
            ]
        )
    return text.getvalue()


def harmless(text: str) -> str:
    """Return a text as a cell that no spreadsheet runs (OWASP, CSV Injection).

    What would begin a formula gets an apostrophe before it. Control characters, and those that
    turn the direction of a text, are written out.
    """
    shown = "".join(map(_shown, text))
    # Before and after: a tab or line break that was written out may have stood before a sign.
    return f"'{shown}" if _FORMULA.match(shown) or _FORMULA.match(text) else shown


def _shown(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN:
        return character
    return character.encode("unicode_escape").decode("ascii")
