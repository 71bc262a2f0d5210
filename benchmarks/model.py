"""Count what users cost the stores: statements, rows and bytes, at three numbers of users.

A relay before PostgreSQL counts completed statements, rows and bytes in both directions; Redis
counts its calls, the microseconds that it runs them, and its bytes. A rerun under `st.App` looks a
sign-in up twice, in the middleware and on the page. An idle second is two checks of all open pages
by one replica. The counts depend on nothing else that the machine does.

Both servers are started from the system's packages: `python benchmarks/model.py`.
"""

import logging
import secrets
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pydantic import SecretStr
from redis import Redis
from sqlalchemy import make_url
from tests.support.redisserver import RedisServer
from tests.support.sqlserver import PostgreSQL, SQLServer

from streamlit_persistauth import AuthSettings
from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.storage.records import UserRecord
from streamlit_persistauth.models import Client
from streamlit_persistauth.wiring.services import AppConfig, Services, services_for

SIZES = (20, 200, 2000)
RERUNS = 20
IDLE_SECONDS = 30
CLIENT = Client("203.0.113.7", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko Firefox/140.0")
TRANSACTIONS = (b"BEGIN", b"COMMIT", b"ROLLBACK")


@dataclass
class Relay:
    """Passes connections on to PostgreSQL, and counts what they carry."""

    target: tuple[str, int]
    statements: int = 0
    rows: int = 0
    size: int = 0

    def listen(self) -> int:
        """Accept connections on a free port, which is returned."""
        listener = socket.create_server(("127.0.0.1", 0))
        Thread(target=self._accept, args=(listener,), daemon=True).start()
        port: int = listener.getsockname()[1]
        return port

    def _accept(self, listener: socket.socket) -> None:
        while True:
            client, server = listener.accept()[0], socket.create_connection(self.target)
            for pair in ((client, server, None), (server, client, self._count)):
                Thread(target=self._pump, args=pair, daemon=True).start()

    def _pump(
        self,
        source: socket.socket,
        target: socket.socket,
        count: Callable[[bytes], bytes] | None,
    ) -> None:
        rest = b""
        while data := source.recv(65_536):
            self.size += len(data)
            if count:
                rest = count(rest + data)  # before the client has the answer
            target.sendall(data)
        target.close()

    def _count(self, data: bytes) -> bytes:
        """Count the messages of a server; return the beginning of one that is not complete."""
        while len(data) >= 5:
            length = 1 + struct.unpack("!I", data[1:5])[0]
            if len(data) < length:
                break
            is_statement = data[:1] == b"C" and not data[5:].startswith(TRANSACTIONS)
            self.statements += is_statement
            self.rows += data[:1] == b"D"
            data = data[length:]
        return data


@dataclass(frozen=True)
class Meter:
    """Reads the counters of both servers."""

    relay: Relay
    redis: Redis

    def read(self) -> list[float]:
        """Return statements, rows and bytes of SQL; calls, microseconds and bytes of Redis."""
        stats, commands = self.redis.info("stats"), self.redis.info("commandstats")
        size = stats["total_net_input_bytes"] + stats["total_net_output_bytes"]
        script = commands.get("cmdstat_evalsha", {"calls": 0, "usec": 0})
        relay = self.relay
        return [relay.statements, relay.rows, relay.size, script["calls"], script["usec"], size]

    def per_unit(self, work: Callable[[], object], units: float) -> list[float]:
        """Return the difference that some work makes, without that of reading, by unit."""
        first, second = self.read(), self.read()
        work()
        third = self.read()
        return [
            max(0.0, (after - before) - (before - earlier)) / units
            for earlier, before, after in zip(first, second, third, strict=True)
        ]


def main() -> None:
    """Count, and print one table."""
    logging.getLogger("streamlit_persistauth").setLevel(logging.CRITICAL)
    print("| sign-ins in | users | what | statements | rows | bytes | Redis calls | µs | bytes |")
    print("|---|---:|---|---:|---:|---:|---:|---:|---:|")
    with servers() as (database, redis, meter):
        for tokens in (None, redis):
            for number in SIZES:
                for what, figures in counted(database, tokens, meter, number):
                    place = "Redis" if tokens else "PostgreSQL"
                    cells = " | ".join(f"{figure:,.1f}" for figure in figures)
                    print(f"| {place} | {number:,} | {what} | {cells} |", flush=True)


@contextmanager
def servers() -> Iterator[tuple[Callable[[], str], str, Meter]]:
    """Start both servers; yield what makes an empty database, the URL of Redis, and the meter."""
    server, redis = SQLServer(PostgreSQL()), RedisServer()
    try:
        url = make_url(server.empty_database())
        relay = Relay((url.host or "", url.port or 0))
        port = relay.listen()

        def empty() -> str:
            made = make_url(server.empty_database()).set(host="127.0.0.1", port=port)
            return made.update_query_dict({"sslmode": "disable"}).render_as_string(
                hide_password=False
            )

        with Redis.from_url(redis.url, decode_responses=True) as client:
            yield empty, redis.url, Meter(relay, client)
    finally:
        redis.stop()
        server.stop()


def counted(
    database: Callable[[], str], tokens: str | None, meter: Meter, number: int
) -> Iterator[tuple[str, list[float]]]:
    """Yield what each kind of work costs with a number of signed-in users."""
    meter.redis.flushall()
    url = database()
    services = services_on(url, tokens, revalidate=0)
    owners = add_people(services, number)
    ids = [services.sessions.start(one, remember=True, client=CLIENT).id for one in owners]
    seen = ids[:RERUNS]

    def rerun(app: Services) -> None:
        for session_id in seen:
            app.sessions.resume_session(session_id)  # the middleware
            app.sessions.resume_session(session_id)  # the page

    rerun(services)
    yield "rerun", meter.per_unit(lambda: rerun(services), len(seen))
    cached = services_on(url, tokens, revalidate=60)
    yield "first rerun in REVALIDATE_SECONDS", meter.per_unit(lambda: rerun(cached), len(seen))
    yield "further rerun", meter.per_unit(lambda: rerun(cached), len(seen))
    yield "last_used_at, once a minute", meter.per_unit(lambda: touch(services, seen), len(seen))
    yield "idle second of a replica", meter.per_unit(idle(services, ids), IDLE_SECONDS)
    for one in (services, cached):
        one.database.engine.dispose()


def services_on(url: str, tokens: str | None, *, revalidate: int) -> Services:
    """Return the services of an app, with a pool of its own."""
    settings = AuthSettings(
        jwt_secret_key=SecretStr(secrets.token_urlsafe(48)),
        token_store_url=tokens,
        revalidate_seconds=revalidate,
    )
    return services_for(AppConfig(url, settings))


def add_people(services: Services, number: int) -> list[UserRecord]:
    """Add accounts that share one hash; return them."""
    first = services.accounts.register("person@example.com", secrets.token_urlsafe(16))
    people = [first]
    for one in range(1, number):
        user = replace(first.user, id=new_id(), email=f"person-{one}@example.com")
        people.append(replace(first, user=user, email_key=new_id()))
        services.users.add(people[-1])
    return people


def touch(services: Services, session_ids: list[str]) -> None:
    """Update the time of the last use, as the first rerun of a minute does."""
    now = services.clock()
    for record in services.tokens.find_sessions(session_ids):
        services.tokens.swap(record, replace(record, last_used_at=now))


def idle(services: Services, session_ids: list[str]) -> Callable[[], None]:
    """Return the checks of open pages in some seconds, after the first one."""
    now = [1000.0]
    watched = replace(services.sessions.watched(), timer=lambda: now[0])
    if len(watched.find_live(session_ids)) < len(session_ids):
        raise SystemExit("not all sessions are valid")

    def check() -> None:
        for _ in range(2 * IDLE_SECONDS):
            now[0] += 0.5
            watched.find_live(session_ids)

    return check


if __name__ == "__main__":
    main()
