"""Events as CSV that a spreadsheet can open safely."""

import csv
import io
import json
import re
from collections.abc import Iterable
from typing import Final

from streamlit_persistauth.core.storage.records import EventRecord
from streamlit_persistauth.core.text.characters import escape_invisible

HEADER: Final = "created_at,event_type,user_id,ip_address,user_agent,details\r\n"
_FORMULA: Final = re.compile(r"[\s'\"]*[=+\-@\uff1d\uff0b\uff0d\uff20]")
"""The beginning of a cell that a spreadsheet may evaluate; full-width signs included."""


def csv_rows(events: Iterable[EventRecord]) -> str:
    """Return events as rows of CSV (RFC 4180) with every value quoted."""
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
    """Return a text as a cell that no spreadsheet evaluates (OWASP, CSV Injection).

    An apostrophe precedes what would begin a formula. Invisible characters are escaped.
    """
    shown = escape_invisible(text)
    # The original too: an escaped tab or line break may have preceded a sign.
    return f"'{shown}" if _FORMULA.match(shown) or _FORMULA.match(text) else shown
