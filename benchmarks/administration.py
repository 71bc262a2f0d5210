"""Measure a page of the list of 100,000 accounts, relative to the bare SQL statements.

`UserAdmin.find` alternates with two statements on a connection of the driver, which read the same
page and count the same accounts. A ratio is the median of the ratios of all rounds.

Run it on a quiet machine: `python benchmarks/administration.py`.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks" / "stores")]

from databases import POSTGRES, SQLITE, opened  # noqa: E402 - needs the path
from sqlalchemy import insert  # noqa: E402
from tests.support.core_app import CoreApp  # noqa: E402

from streamlit_persistauth.core.secrets import fingerprint, new_id  # noqa: E402
from streamlit_persistauth.core.storage.queries import UserQuery  # noqa: E402
from streamlit_persistauth.stores.sql import SQLTokenStore, SQLUserStore  # noqa: E402
from streamlit_persistauth.stores.sql.database import Database  # noqa: E402
from streamlit_persistauth.stores.sql.engines import open_engine  # noqa: E402
from streamlit_persistauth.stores.sql.tables import users  # noqa: E402

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
LIKE = "WHERE lower(email) LIKE '%user777%' OR lower(full_name) LIKE '%user777%'"
CASES: Sequence[tuple[str, UserQuery, str, str]] = (
    ("first page", UserQuery(limit=20), "", "email LIMIT 20"),
    ("page 2,500", UserQuery(offset=50_000, limit=20), "", "email LIMIT 20 OFFSET 50000"),
    ("text in name or email", UserQuery("USER777", limit=20), LIKE, "email LIMIT 20"),
    (
        "last sign-in first",
        UserQuery(sort="last_login_at", descending=True, limit=20),
        "",
        "last_login_at IS NULL, last_login_at DESC, id LIMIT 20",
    ),
    ("role", UserQuery(role="admin", limit=20), "WHERE roles LIKE '%\"admin\"%'", "email LIMIT 20"),
)


def main() -> None:
    """Fill each database, measure each case, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    print(
        "| store | page | statements, ms | UserAdmin.find, ms | ratio |\n|---|---|---:|---:|---:|"
    )
    for name in (SQLITE, POSTGRES):
        with opened(name) as server:
            database = Database(open_engine(server.empty()))
            fill(database, options.accounts)
            for case in CASES:
                measure(name, database, case, options.rounds)
            database.engine.dispose()


def fill(database: Database, accounts: int) -> None:
    """Add accounts, of which one in ten thousand is an administrator."""
    database.create_tables()
    with database.engine.begin() as connection:
        for first in range(0, accounts, 10_000):
            connection.execute(insert(users), [row(first + number) for number in range(10_000)])
    if database.engine.dialect.name == "postgresql":
        with database.engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE users")


def row(number: int) -> dict[str, Any]:
    """Return one account."""
    email = f"user{number * 7919 % 100_003}@example.com"
    return {
        "id": new_id(),
        "email": email,
        "full_name": f"Person {number}",
        "password_hash": "x" * 80,
        "is_active": True,
        "created_at": START + timedelta(minutes=number),
        "last_login_at": START + timedelta(seconds=number * 31) if number % 3 else None,
        "roles": '["admin"]' if number % 10_000 == 0 else "[]",
        "email_key": fingerprint(email),
        "security_stamp": new_id(),
        "pending": None,
    }


def measure(
    store: str, database: Database, case: tuple[str, UserQuery, str, str], rounds: int
) -> None:
    """Print the times of a page for both."""
    name, query, where, order = case
    core = CoreApp(users=SQLUserStore(database), tokens=SQLTokenStore(database))  # type: ignore[arg-type]
    columns = ", ".join(column.name for column in users.c)
    texts = (
        f"SELECT count(*) FROM users {where}",  # noqa: S608 - our own
        f"SELECT {columns} FROM users {where} ORDER BY {order}",  # noqa: S608 - our own
    )
    with closing(database.engine.raw_connection()) as connection:

        def bare() -> int:
            with closing(connection.cursor()) as cursor:
                cursor.execute(texts[0])
                ((total,),) = cursor.fetchall()
                cursor.execute(texts[1])
                return int(total) + len(cursor.fetchall())

        def ours() -> int:
            page = core.user_admin.find(query)
            return page.total + len(page.users)

        if bare() != ours():
            raise RuntimeError(name)
        samples = [(milliseconds(bare), milliseconds(ours)) for _ in range(rounds)]
    middle = [median(sample[side] for sample in samples) for side in (0, 1)]
    ratio = median(sample[1] / sample[0] for sample in samples)
    print(f"| {store} | {name} | {middle[0]:.1f} | {middle[1]:.1f} | {ratio:.2f} |", flush=True)


def milliseconds(call: Callable[[], object]) -> float:
    """Return how long a call takes."""
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
