"""Events as CSV that a spreadsheet opens without evaluating a cell."""

import csv
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.clock import START

from streamlit_persistauth.core.audit.csv import HEADER, csv_rows, harmless
from streamlit_persistauth.core.storage.records import EventRecord

FORMULAS = [
    '=HYPERLINK("http://evil.example","x")',
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\u00a0=1",
    '"=1',
    "'=1",
    "' \"\t+1",
    "\uff1d1",
    "\uff0b1",
    "\uff0d1",
    "\uff201",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas(text: str) -> None:
    """A text that a spreadsheet would evaluate gets an apostrophe in front."""
    assert harmless(text).startswith("'")


@pytest.mark.parametrize("text", ["", "Mozilla/5.0 (X11) = - +", "2001:db8::1", "Zoë", "a\\0b"])
def test_plain_text(text: str) -> None:
    """Any other text is unchanged."""
    assert harmless(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\0b", "a\\x00b"), ("a\r\nb", "a\\r\\nb"), ("\x1b[2J", "\\x1b[2J"), ("\u202ex", "\\u202ex")],
)
def test_control_characters(text: str, shown: str) -> None:
    """Invisible characters are escaped."""
    assert harmless(text) == shown


@given(st.lists(st.text(max_size=30), min_size=4, max_size=4))
def test_any_text(texts: list[str]) -> None:
    """Any event is one row of six cells, none of which is evaluated."""
    kind, user_id, address, agent = texts
    event = EventRecord(kind, user_id, START, {agent: kind}, address, agent)
    text = HEADER + csv_rows([event])
    header, row = csv.reader(io.StringIO(text, newline=""))
    assert (len(header), len(row)) == (6, 6)
    assert all(
        unicodedata.category(sign) not in {"Cc", "Cf", "Cs"} for cell in row for sign in cell
    )
    assert not any(cell.lstrip('\t\r\n "')[:1] in set("=+-@") for cell in row if cell)
    assert text.count("\n") == 2
