"""The backlog: sixty requirements of an imaginary bike-sharing system, the same on every run."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

AS_OF = date(2026, 6, 30)  # a fixed date, so that every run shows the same
STATUSES = ("Draft", "In review", "Approved", "Built", "Verified")
PRIORITIES = ("Must", "Should", "Could")
RISKS = ("Low", "Medium", "High")
OWNERS = (
    "Amara Okafor",
    "Hannah Weiss",
    "Jonas Lindqvist",
    "Kenji Watanabe",
    "Mateo Rossi",
    "Priya Raman",
)
TITLES = {
    "Accounts": (
        "Sign up with an email address",
        "Verify a rider's age once",
        "Change the phone number of an account",
        "Export all personal data on request",
        "Delete an account within 30 days",
        "Share a family account with four riders",
        "Block an account after repeated damage",
        "Show past rides for two years",
        "Choose the language of the app",
        "Keep a rider signed in after a refresh",
    ),
    "Bikes": (
        "Unlock a bike within three seconds",
        "Report the battery level every five minutes",
        "Lock a wheel that turns without a ride",
        "Switch the lights on at dusk",
        "Limit the speed to 25 km/h",
        "Detect a flat tyre from ride data",
        "Sound the horn when a rider looks for it",
        "Withstand rain according to IP65",
        "Update the controller over the air",
        "Count charging cycles of each battery",
    ),
    "Payments": (
        "Pay by card, wallet or invoice",
        "Cap the price of a day",
        "Refund a ride shorter than one minute",
        "Send a receipt after each ride",
        "Retry a failed payment three times",
        "Sell monthly and yearly passes",
        "Charge for parking outside a zone",
        "Apply a company's discount",
        "Settle with partner cities monthly",
        "Show the price before the ride begins",
    ),
    "Reporting": (
        "Show rides per hour and district",
        "Forecast tomorrow's demand",
        "List bikes not moved for three days",
        "Publish open data without rider identities",
        "Compare this season with the last",
        "Send the city its monthly figures",
        "Measure the time to repair",
        "Show revenue by kind of pass",
        "Warn when a data feed stops",
        "Keep raw ride data for 90 days",
    ),
    "Rides": (
        "Reserve a bike for ten minutes",
        "Pause a ride and keep the bike",
        "End a ride without a phone signal",
        "Report damage with a photo",
        "Plan a route along cycle lanes",
        "Ride two bikes on one account",
        "Warn before leaving the service area",
        "Call for help from the app",
        "Show the carbon saved by a ride",
        "Correct a ride that was not ended",
    ),
    "Stations": (
        "Show free docks in real time",
        "Release a stuck bike remotely",
        "Charge a docked bike to 90 percent",
        "Work for six hours without mains power",
        "Guide riders to the next free dock",
        "Read a transit card at the dock",
        "Survive a winter at minus 20 degrees",
        "Plan van tours to balance stations",
        "Report vandalism to the control room",
        "Allow virtual stations for festivals",
    ),
}


_changes: dict[str, dict[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class Requirement:
    """One line of the backlog. Likelihood and impact run from 1 to 5."""

    id: str
    title: str
    area: str
    owner: str
    status: str
    priority: str
    likelihood: int
    impact: int
    added: date
    updated: date

    @property
    def risk(self) -> str:
        """Likelihood times impact, in words."""
        return risk_level(self.likelihood * self.impact)


def risk_level(score: int) -> str:
    """Return the word for a score of 1 to 25."""
    medium, high = 6, 12
    return "Low" if score < medium else "Medium" if score < high else "High"


def requirements() -> Sequence[Requirement]:
    """Return the backlog in the order of its ids, with the changes since the start."""
    return tuple(replace(item, **_changes.get(item.id, {})) for item in _as_planned())


def set_status(requirement_id: str, status: str) -> None:
    """Change a status, for all users and until the server stops."""
    _changes[requirement_id] = {"status": status, "updated": AS_OF}


@cache
def _as_planned() -> Sequence[Requirement]:
    dice = Random(41)  # noqa: S311 - example data, not secrets
    titles = [(area, title) for area, listed in TITLES.items() for title in listed]
    dice.shuffle(titles)
    return tuple(
        _requirement(number, area, title, dice) for number, (area, title) in enumerate(titles, 1)
    )


def _requirement(number: int, area: str, title: str, dice: Random) -> Requirement:
    # Older requirements have advanced further, and have a lower risk.
    added = AS_OF - timedelta(days=182 - number * 2 - dice.randrange(14))
    progress = min(4, max(0, round(4.4 - number / 14 + dice.gauss(0, 1.1))))
    return Requirement(
        id=f"REQ-{number:03}",
        title=title,
        area=area,
        owner=dice.choice(OWNERS),
        status=STATUSES[progress],
        priority=dice.choices(PRIORITIES, weights=(5, 4, 2))[0],
        likelihood=min(5, max(1, round(dice.gauss(3.4 - progress * 0.4, 1.0)))),
        impact=min(5, max(1, round(dice.gauss(3.0, 1.1)))),
        added=added,
        updated=added + (AS_OF - added) * dice.triangular(0.3, 1.0, 0.9),
    )
