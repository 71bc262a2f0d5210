"""What happened, as bars."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import streamlit as st

from streamlit_persistauth.core.queries import AddressCount, DayCount
from streamlit_persistauth.ui.labels import Labels
from streamlit_persistauth.ui.plain import one_line

GOOD: Final = "#2b8a3e"
BAD: Final = "#e8590c"
NOW: Final = "#1c7ed6"


def draw_days(counts: Sequence[DayCount], first: date, last: date, say: Labels) -> None:
    """Draw sign-ins and failures of each day as bars; a day without any has none."""
    names = {"login": say.text("Sign-ins"), "login_failed": say.text("Failed sign-ins")}
    found = {(item.day, item.event_type): item.count for item in counts}
    rows = [
        _row(day, name, found.get((day, kind), 0))
        for day in _days(first, last)
        for kind, name in names.items()
    ]
    _draw_bars(rows, dict(zip(names.values(), (GOOD, BAD), strict=True)), say)


def draw_sessions(counts: Mapping[date, int], first: date, last: date, say: Labels) -> None:
    """Draw how many of the live sessions began on each day."""
    name = say.text("Live sessions")
    _draw_bars(
        [_row(day, name, counts.get(day, 0)) for day in _days(first, last)], {name: NOW}, say
    )


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _row(day: date, kind: str, count: int) -> dict[str, Any]:
    return {"day": day.isoformat(), "kind": kind, "count": count}


def _draw_bars(rows: Sequence[dict[str, Any]], colors: Mapping[str, str], say: Labels) -> None:
    """Draw bars over days, one above the other where a day has several.

    Args:
        rows: The day, what is counted, and how many there were.
        colors: In which colour each of what is counted is drawn.
        say: The texts.
    """
    import altair as alt  # here: it is large, and only who looks at charts waits for it

    legend = alt.Legend(orient="top") if len(colors) > 1 else None
    chart = (
        alt.Chart(alt.InlineData(values=list(rows)))
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            x=alt.X("yearmonthdate(day):T", title=None, axis=alt.Axis(format="%m-%d")),
            y=alt.Y("count:Q", title=None, axis=alt.Axis(tickMinStep=1, format="d")),
            color=alt.Color(
                "kind:N",
                title=None,
                scale=alt.Scale(domain=list(colors), range=list(colors.values())),
                legend=legend,
            ),
            tooltip=[
                alt.Tooltip("yearmonthdate(day):T", format="%Y-%m-%d", title=say.text("Day")),
                alt.Tooltip("kind:N", title=say.text("Type")),
                alt.Tooltip("count:Q", title=say.text("Number")),
            ],
        )
        .properties(height=260)
    )
    st.altair_chart(chart, width="stretch")


def draw_addresses(counts: Sequence[AddressCount], say: Labels) -> None:
    """Draw from where tries were held up, most first."""
    import altair as alt  # as above

    rows = [{"address": one_line(item.ip_address), "count": item.count} for item in counts]
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(cornerRadiusEnd=2, color=BAD, size=14)
        .encode(
            x=alt.X("count:Q", title=None, axis=alt.Axis(tickMinStep=1, format="d")),
            y=alt.Y("address:N", title=None, sort="-x", axis=alt.Axis(labelLimit=260)),
            tooltip=[
                alt.Tooltip("address:N", title=say.text("Address")),
                alt.Tooltip("count:Q", title=say.text("Number")),
            ],
        )
        .properties(height=alt.Step(28))
    )
    st.altair_chart(chart, width="stretch")
