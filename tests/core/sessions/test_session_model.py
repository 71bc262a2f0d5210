from datetime import datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
)
from tests.support.core_app import CLIENT, CoreApp

from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.sessions.lifetime import Lifetime
from streamlit_persistauth.core.sessions.rotation import GRACE
from streamlit_persistauth.errors import InvalidToken

ACCESS, RENEWAL, IDLE = timedelta(hours=1), timedelta(hours=10), timedelta(hours=4)


class Model:
    """A session in the model."""

    def __init__(self, session_id: str, current: str, now: datetime) -> None:
        """Start with one credential."""
        self.session_id = session_id
        self.current = current
        self.parent: tuple[str, datetime] | None = None
        self.successor: str | None = None
        self.used = self.began = now
        self.alive = True

    def is_over(self, now: datetime) -> bool:
        """Return whether the session is revoked or expired."""
        return not self.alive or now >= self.began + RENEWAL or now >= self.used + IDLE


class Sessions(RuleBasedStateMachine):
    """The sessions of one user compared with the model."""

    credentials = Bundle("credentials")

    def __init__(self) -> None:
        """Start with one credential."""
        super().__init__()
        self.core = CoreApp(lifetime=Lifetime(ACCESS, renewal=RENEWAL, idle=IDLE))
        self.user = self.core.add_user(f"{new_id()}@example.com")
        self.models: dict[str, Model] = {}

    def model_of(self, text: str) -> Model:
        """Return the model of a credential's session."""
        return self.models[text]

    def touch(self, model: Model) -> None:
        """Update the time of the last use, at most once a minute."""
        if self.core.clock.now >= model.used + timedelta(minutes=1):
            model.used = self.core.clock.now

    @rule(target=credentials)
    def sign_in(self) -> str:
        """Start a session."""
        session_id = self.core.sign_in(self.user)
        text = self.core.sessions.issue(session_id).text
        self.models[text] = Model(session_id, text, self.core.clock.now)
        return text

    @rule(text=credentials)
    def resume(self, text: str) -> None:
        """A credential is valid exactly while the model says so."""
        model, now = self.model_of(text), self.core.clock.now
        try:
            session_id = self.core.sessions.resume(text, client=CLIENT).session.id
        except InvalidToken:
            session_id = None
        is_valid = model.alive and text in {model.current, model.successor}
        if model.parent and text == model.parent[0]:
            is_valid = model.alive and now < model.parent[1] + GRACE
        known = {model.current, model.successor}
        expired = now >= model.began + RENEWAL
        if model.alive and not is_valid and text not in known and not expired:
            model.alive = False  # a replay revokes the session
        if model.alive and text == model.successor and not expired:
            model.parent = (model.current, now)
            model.current, model.successor = text, None
        expected = is_valid and not model.is_over(now)
        assert (session_id == model.session_id) is expected
        if expected:
            self.touch(model)

    @rule(target=credentials, text=credentials)
    def renew(self, text: str) -> object:
        """A successor is issued only for a current and valid credential."""
        model, now = self.model_of(text), self.core.clock.now
        try:
            successor = self.core.sessions.renew(text)
        except InvalidToken:
            successor = None
        if successor is None:
            return multiple()
        assert text == model.current
        assert not model.is_over(now)
        self.touch(model)
        model.successor = successor.text
        self.models[successor.text] = model
        return successor.text

    @rule(minutes=st.sampled_from([0.5, 2, 61, 200]))
    def wait(self, minutes: float) -> None:
        """Let time pass."""
        self.core.clock.move(minutes=minutes)

    @rule(text=consumes(credentials))
    def end(self, text: str) -> None:
        """Revoke a session."""
        model = self.model_of(text)
        self.core.sessions.end(model.session_id)
        model.alive = False
        self.resume_revoked(text)

    @rule()
    def disable_and_enable(self) -> None:
        """Disabling the account revokes every session, and enabling restores none."""
        self.core.user_admin.disable(self.user.id)
        self.core.user_admin.enable(self.user.id)
        for model in self.models.values():
            model.alive = False

    def resume_revoked(self, text: str) -> None:
        """Assert that a credential is not valid."""
        try:
            self.core.sessions.resume(text)
        except InvalidToken:
            return
        raise AssertionError("a revoked session was resumed")

    @invariant()
    def lists_live_sessions(self) -> None:
        """The list of sessions equals that of the model."""
        listed = {session.id for session in self.core.sessions.live(self.user.id)}
        expected = {
            model.session_id
            for model in self.models.values()
            if not model.is_over(self.core.clock.now)
        }
        assert listed == expected


TestSessions = Sessions.TestCase
TestSessions.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
