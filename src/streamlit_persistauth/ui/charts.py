"""Bar charts."""

from collections.abc import Sequence
from datetime import date, timedelta
from importlib import import_module
from typing import Final

import streamlit as st

from streamlit_persistauth.core.storage.queries import DayCount
from streamlit_persistauth.ui.translator import Translator

GOOD: Final = "#2b8a3e"
BAD: Final = "#e8590c"
LIVE: Final = "#1c7ed6"


def load_charts() -> None:
    """Load the chart library before anything is drawn; the first import takes about a second."""
    import_module("altair")  # large, so only the page with charts loads it


def draw_days(counts: Sequence[DayCount], first: date, last: date, t: Translator) -> None:
    """Draw the sign-ins and the failed sign-ins of each day as stacked bars."""
    import altair as alt

    names = {"login": t.text("Sign-ins"), "login_failed": t.text("Failed sign-ins")}
    found = {(item.day, item.event_type): item.count for item in counts}
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    rows = [
        {"day": day.isoformat(), "kind": name, "count": found.get((day, kind), 0)}
        for day in days
        for kind, name in names.items()
    ]
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            x=alt.X("yearmonthdate(day):T", title=None, axis=alt.Axis(format="%m-%d")),
            y=alt.Y("count:Q", title=None, axis=alt.Axis(tickMinStep=1, format="d")),
            color=alt.Color(
                "kind:N",
                title=None,
                scale=alt.Scale(domain=list(names.values()), range=[GOOD, BAD]),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=[
                alt.Tooltip("yearmonthdate(day):T", format="%Y-%m-%d", title=t.text("Day")),
                alt.Tooltip("kind:N", title=t.text("Type")),
                alt.Tooltip("count:Q", title=t.text("Count")),
            ],
        )
        .properties(height=260)
    )
    st.altair_chart(chart, width="stretch")


def draw_ranking(
    counts: Sequence[tuple[str, int]], *, title: str, color: str, t: Translator
) -> None:
    """Draw a ranking as horizontal bars.

    Args:
        counts: Names as plain text, each with its count.
        title: What the names are, for the tooltip.
        color: The colour of the bars.
        t: The texts.
    """
    import altair as alt

    rows = [{"name": name, "count": count} for name, count in counts]
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(cornerRadiusEnd=2, color=color, size=14)
        .encode(
            x=alt.X("count:Q", title=None, axis=alt.Axis(tickMinStep=1, format="d")),
            y=alt.Y("name:N", title=None, sort="-x", axis=alt.Axis(labelLimit=260)),
            tooltip=[
                alt.Tooltip("name:N", title=title),
                alt.Tooltip("count:Q", title=t.text("Count")),
            ],
        )
        .properties(height=alt.Step(28))
    )
    st.altair_chart(chart, width="stretch")
