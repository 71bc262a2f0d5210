"""An imaginary team and the events of its last month, as data for the demo."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from sqlalchemy import Connection, insert

from streamlit_persistauth.core.accounts.drafts import new_record
from streamlit_persistauth.core.audit.events import EventType
from streamlit_persistauth.core.secrets import fingerprint, new_id, new_secret
from streamlit_persistauth.core.storage.records import TokenRecord, TokenType, UserRecord
from streamlit_persistauth.models import User
from streamlit_persistauth.stores.sql.tables import auth_events, auth_tokens
from streamlit_persistauth.stores.sql.tokens import token_columns
from streamlit_persistauth.wiring.services import Services

DAYS: Final = 30
NAMES: Final = [
    "Amara Okafor",
    "Hannah Weiss",
    "Jonas Lindqvist",
    "Kenji Watanabe",
    "Mateo Rossi",
    "Priya Raman",
    "Aylin Demir",
    "Bao Nguyen",
    "Camille Laurent",
    "Daniel Novak",
    "Elif Kaya",
    "Farid Haddad",
    "Grace Mensah",
    "Hugo Fernandes",
    "Ingrid Solberg",
    "Julia Kowalska",
    "Karim Benali",
    "Lena Hofmann",
    "Maya Cohen",
    "Noah Williams",
    "Olena Shevchenko",
    "Pedro Alves",
    "Quinn Murphy",
    "Ravi Patel",
    "Sofia Marino",
    "Tomas Horak",
    "Uma Krishnan",
    "Viktor Petrov",
    "Wei Zhang",
    "Ximena Torres",
    "Yusuf Adeyemi",
    "Zoe Papadaki",
]
EDITORS: Final = 8
"""How many members, from the first on, have the role editor."""
WEBKIT: Final = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5"
BLINK: Final = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
BROWSERS: Final = (
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {BLINK} Safari/537.36",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) {WEBKIT} Mobile/15E148 Safari/604.1",
    f"Mozilla/5.0 (Linux; Android 15; Pixel 9) {BLINK} Mobile Safari/537.36",
)
SATURDAY: Final = 5
RARE: Final = {
    EventType.THROTTLED: 0.35,
    EventType.PASSWORD_CHANGED: 0.2,
    EventType.PASSWORD_RESET: 0.1,
    EventType.REUSE_DETECTED: 0.04,
}
"""The probability of each event on a day."""


def fill(services: Services) -> None:
    """Add the team, its sign-ins and the events of the last month to a database.

    The accounts are for display only: their password is random and not kept.
    """
    random = Random("city bikes")  # the same team every time
    now = services.clock()
    draft = services.accounts.draft("nobody@example.com", new_secret(), username="nobody")
    has_usernames = services.login_names.has_usernames
    team = [
        _member(index, name, draft.password_hash, now, has_username=has_usernames)
        for index, name in enumerate(NAMES)
    ]
    events = [event for day in range(DAYS) for event in _day(random, team, day, now)]
    events.sort(key=lambda event: event["created_at"])
    sessions = [
        _session(random, owner, now) for owner in team for _ in range(random.choice((0, 1, 1, 2)))
    ]

    def insert_all(connection: Connection) -> None:
        connection.execute(insert(auth_events), events)
        connection.execute(insert(auth_tokens), [token_columns(session) for session in sessions])

    for record in team:
        services.users.add(record)
    services.database.write(insert_all)


def _member(
    index: int, name: str, password_hash: str, now: datetime, *, has_username: bool
) -> UserRecord:
    words = name.lower().split()
    user = User(
        id=new_id(),
        email=f"{'.'.join(words)}@example.com",
        full_name=name,
        roles=("editor",) if index < EDITORS else (),
        is_active=index < len(NAMES) - 1,
        created_at=now - timedelta(days=DAYS + 40 - index, hours=index),
        last_login_at=now - timedelta(hours=3 * index + 1),
        username=words[0] if has_username else "",
    )
    return new_record(user, password_hash)


def _session(random: Random, owner: UserRecord, now: datetime) -> TokenRecord:
    began = now - timedelta(minutes=random.randrange(90, 20 * 60))
    return TokenRecord(
        id=new_id(),
        user_id=owner.user.id,
        session_id=new_id(),
        token_hash=fingerprint(new_secret()),
        token_type=TokenType.SESSION,
        created_at=began,
        expires_at=began + timedelta(hours=24),
        security_stamp=owner.security_stamp,
        remember=True,
        last_used_at=now - timedelta(minutes=random.randrange(1, 90)),
        ip_address=_address(random),
        user_agent=random.choice(BROWSERS),
    )


def _day(
    random: Random, team: Sequence[UserRecord], day: int, now: datetime
) -> Iterator[dict[str, Any]]:
    """Yield the events of a day, fewer at a weekend, none of them in the future."""
    date = now - timedelta(days=day)
    usual = 0.15 if date.weekday() >= SATURDAY else 0.75
    for owner in team:
        if random.random() < usual:
            yield _event(random, EventType.LOGIN, owner, date)
        if random.random() < usual / 9:
            yield _event(random, EventType.LOGIN_FAILED, owner, date, reason="wrong password")
        if random.random() < usual / 3:
            yield _event(random, EventType.LOGOUT, owner, date, scope="local")
    for kind, chance in RARE.items():
        if random.random() < chance:
            yield _event(random, kind, random.choice(team), date)


def _event(
    random: Random, kind: EventType, owner: UserRecord, date: datetime, **details: str
) -> dict[str, Any]:
    return {
        "user_id": owner.user.id,
        "event_type": kind.value,
        "details": json.dumps(details),
        "ip_address": _address(random),
        "user_agent": random.choice(BROWSERS),
        "created_at": date - timedelta(minutes=random.randrange(5, 9 * 60)),
    }


def _address(random: Random) -> str:
    """Return an address that is reserved for documentation (RFC 5737)."""
    return f"{random.choice(('192.0.2', '198.51.100', '203.0.113'))}.{random.randrange(2, 250)}"
