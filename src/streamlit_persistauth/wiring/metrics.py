"""What monitoring wants to know, by OpenTelemetry. Without PERSISTAUTH_METRICS nothing of it."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

from streamlit_persistauth.core.accounts.accounts import Accounts
from streamlit_persistauth.core.sessions.sessions import Sessions, SignedIn
from streamlit_persistauth.core.storage.purge import Purge
from streamlit_persistauth.core.storage.records import EventRecord, TokenType, UserRecord
from streamlit_persistauth.errors import AuthError, ConfigError, StoreError
from streamlit_persistauth.models import NOBODY, Client

if TYPE_CHECKING:
    from opentelemetry.metrics import CallbackOptions, Meter, Observation

SCOPE: Final = "streamlit_persistauth"
APP: Final = "persistauth.app"
"""The attribute by which the apps of one process are told apart: the name of their cookie."""
BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
"""Seconds. A resume takes one look-up, a sign-in a quarter of a second."""


class Metrics:
    """The instruments of a process. What they count has no name, address or id in it."""

    def __init__(self, meter: "Meter") -> None:
        """Make the instruments."""
        self.logins = meter.create_histogram(
            "persistauth.login.duration",
            unit="s",
            description="Passwords that were tried, and how long that took.",
            explicit_bucket_boundaries_advisory=BUCKETS,
        )
        self.resumes = meter.create_histogram(
            "persistauth.resume.duration",
            unit="s",
            description="Credentials and sign-ins that were looked up, and how long that took.",
            explicit_bucket_boundaries_advisory=BUCKETS,
        )
        self.events = meter.create_counter(
            "persistauth.events", unit="{event}", description="What happened, by type."
        )
        self._apps: WeakSet[Counted] = WeakSet()
        meter.create_observable_gauge(
            "persistauth.sessions.live",
            callbacks=[self._count_sessions],
            unit="{session}",
            description="Sign-ins that count, in the store: each process says the same.",
        )

    def watch(self, app: str, purge: Purge) -> "Counted":
        """Return what counts for one app, and count its live sign-ins whenever that is asked."""
        counted = Counted(self, app, purge)
        self._apps.add(counted)
        return counted

    def _count_sessions(self, _options: "CallbackOptions") -> "Iterable[Observation]":
        from opentelemetry.metrics import Observation

        for app in list(self._apps):
            live = app.live()
            if live is not None:
                yield Observation(live, {APP: app.name})


class Counted:
    """The instruments, as one app uses them."""

    def __init__(self, metrics: Metrics, app: str, purge: Purge) -> None:
        """Count for an app of this name."""
        self.name = app
        self._metrics = metrics
        self._purge = purge

    def live(self) -> int | None:
        """Return how many sign-ins count; None where the store can't tell."""
        try:
            counts = self._purge.stats().by_type.get(TokenType.SESSION.value)
        except StoreError:
            return None
        return counts.live if counts else 0

    def count_event(self, event: EventRecord) -> None:
        """Count an event; listens to events."""
        self._metrics.events.add(1, {APP: self.name, "event.type": event.event_type})

    @contextmanager
    def timing_login(self) -> Iterator[None]:
        """Time a try of a password."""
        with _timing(self._metrics.logins.record, self.name):
            yield

    @contextmanager
    def timing_resume(self) -> Iterator[None]:
        """Time a look-up of a sign-in."""
        with _timing(self._metrics.resumes.record, self.name):
            yield


class MeasuredAccounts(Accounts):
    """Accounts whose sign-ins are counted and timed."""

    def __init__(self, *services: Any, counted: Counted, **more: Any) -> None:  # noqa: ANN401
        """Wire the parts as for `Accounts`; `counted` counts."""
        super().__init__(*services, **more)
        self._counted = counted

    def authenticate(self, email: str, password: str, *, client: Client = NOBODY) -> UserRecord:
        """See `Accounts.authenticate`."""
        with self._counted.timing_login():
            return super().authenticate(email, password, client=client)


class MeasuredSessions(Sessions):
    """Sessions whose look-ups are counted and timed."""

    def __init__(self, *services: Any, counted: Counted, **more: Any) -> None:  # noqa: ANN401
        """Wire the parts as for `Sessions`; `counted` counts."""
        super().__init__(*services, **more)
        self._counted = counted

    def resume(self, text: str, *, client: Client = NOBODY, used: bool = True) -> SignedIn:
        """See `Sessions.resume`."""
        with self._counted.timing_resume():
            return super().resume(text, client=client, used=used)

    def resume_session(self, session_id: str) -> SignedIn:
        """See `Sessions.resume_session`."""
        with self._counted.timing_resume():
            return super().resume_session(session_id)


@cache
def open_metrics() -> Metrics:
    """Return the instruments of this process, at the app's own OpenTelemetry provider.

    Raises:
        ConfigError: OpenTelemetry is not installed.
    """
    try:
        from opentelemetry.metrics import get_meter
    except ImportError:
        raise ConfigError(
            "PERSISTAUTH_METRICS",
            "OpenTelemetry is not installed; try pip install 'streamlit-persistauth[otel]'.",
        ) from None
    return Metrics(get_meter(SCOPE))


@contextmanager
def _timing(record: Callable[[float, dict[str, str]], None], app: str) -> Iterator[None]:
    """Time what is done, with its outcome: `ok`, or the code of the error it ends with."""
    began, outcome = time.perf_counter(), "failed"
    try:
        yield
        outcome = "ok"
    except AuthError as error:
        outcome = error.code
        raise
    finally:
        record(time.perf_counter() - began, {APP: app, "outcome": outcome})
