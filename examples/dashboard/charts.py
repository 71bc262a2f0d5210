"""Charts of the backlog. Their colours suit a light and a dark page."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import altair as alt
from backlog import AS_OF, RISKS, STATUSES, Requirement, risk_level

STATUS_COLOURS = ("#94a3b8", "#f2b134", "#5b9bd5", "#8b7fd6", "#3fae7c")
RISK_COLOURS = ("#a9dcc0", "#f7dc94", "#f1a59b")
HEIGHT = 300  # pixels
GAPS = alt.Scale(type="band", paddingInner=0.05)
LEGEND = alt.Legend(orient="top", columns=3)


def status_by_area(items: Sequence[Requirement]) -> alt.Chart:
    """Return one stacked bar for each area."""
    counts = Counter((item.area, item.status) for item in items)
    rows = [
        {"area": area, "status": status, "count": count, "order": STATUSES.index(status)}
        for (area, status), count in counts.items()
    ]
    chart: alt.Chart = (
        alt.Chart({"values": rows}, height=HEIGHT)
        .mark_bar()
        .encode(
            x=alt.X("count:Q", title=None, axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("area:N", title=None),
            color=alt.Color(
                "status:N",
                title=None,
                scale=alt.Scale(domain=STATUSES, range=STATUS_COLOURS),
                legend=LEGEND,
            ),
            order="order:Q",
            tooltip=["area:N", "status:N", "count:Q"],
        )
    )
    return chart


def burn_up(items: Sequence[Requirement], weeks: int = 26) -> alt.Chart:
    """Return two lines: how many requirements there were each week, and how many were verified."""
    days = [AS_OF - timedelta(weeks=weeks - week) for week in range(weeks + 1)]
    verified = [item for item in items if item.status == "Verified"]
    rows = [
        {"week": day.isoformat(), "line": line, "count": count}
        for day in days
        for line, count in (
            ("Scope", sum(item.added <= day for item in items)),
            ("Verified", sum(item.updated <= day for item in verified)),
        )
    ]
    chart: alt.Chart = (
        alt.Chart({"values": rows}, height=HEIGHT)
        .mark_line(strokeWidth=3, interpolate="step-after")
        .encode(
            x=alt.X("week:T", title=None, axis=alt.Axis(format="%b", tickCount="month")),
            y=alt.Y("count:Q", title=None),
            color=alt.Color(
                "line:N",
                title=None,
                scale=alt.Scale(domain=("Scope", "Verified"), range=STATUS_COLOURS[::4]),
                legend=LEGEND,
            ),
            tooltip=["week:T", "line:N", "count:Q"],
        )
    )
    return chart


def risk_matrix(items: Sequence[Requirement]) -> alt.LayerChart:
    """Return likelihood against impact, with the number of requirements in each field."""
    counts = Counter((item.likelihood, item.impact) for item in items)
    rows = [
        {
            "likelihood": likelihood,
            "impact": impact,
            "risk": risk_level(likelihood * impact),
            "count": counts[likelihood, impact],
        }
        for likelihood in range(1, 6)
        for impact in range(1, 6)
    ]
    fields = alt.Chart({"values": rows}, height=HEIGHT).encode(
        x=alt.X("impact:O", title="Impact", axis=alt.Axis(labelAngle=0), scale=GAPS),
        y=alt.Y("likelihood:O", title="Likelihood", sort="descending", scale=GAPS),
        tooltip=["likelihood:O", "impact:O", "risk:N", "count:Q"],
    )
    colour = alt.Color(
        "risk:N",
        title=None,
        scale=alt.Scale(domain=RISKS, range=RISK_COLOURS),
        legend=LEGEND,
    )
    chart: alt.LayerChart = fields.mark_rect(cornerRadius=4).encode(color=colour) + (
        fields.transform_filter("datum.count > 0")
        .mark_text(color="#1f2937", fontSize=15, fontWeight="bold")
        .encode(text="count:Q")
    )
    return chart
