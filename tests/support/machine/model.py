"""The model of the state machine: which code may run for which user."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from tests.support.machine.browser import Browser
from tests.support.machine.client import Client
from tests.support.machine.operator import CANARY, NAMES
from tests.support.machine.reports import Report

NOTE = "note"
STAFF = "staff"


@dataclass(frozen=True)
class SignIn:
    """A sign-in.

    Attributes:
        user: Whose it is.
        client: The connection on which it began.
        browser: The browser that this connection has presented, if any.
    """

    user: str
    client: Client
    browser: Browser | None


@dataclass(frozen=True)
class State:
    """What counts at one moment.

    Attributes:
        sign_ins: All that ever began in this example, by id.
        live: Those of them that count.
        owners: The latest sign-in of each Streamlit session.
        admins: The users with that role.
    """

    sign_ins: dict[str, SignIn] = field(default_factory=dict)
    live: frozenset[str] = frozenset()
    owners: dict[str, str] = field(default_factory=dict)
    admins: frozenset[str] = frozenset({"ada"})

    def owner(self, session: str) -> str | None:
        """Return the live sign-in that a Streamlit session belongs to."""
        sign_in = self.owners.get(session)
        return sign_in if sign_in in self.live else None

    def allowed(self, session: str, client: Client | None) -> set[str]:
        """Return the users whose guarded code may run for a message, or whose rows may be sent.

        These are the owner of the Streamlit session, if the connection is one of the owner's
        browser, and whose credential the connection has presented.

        Args:
            session: The Streamlit session.
            client: The connection; None where it can't be told, which any is taken for.
        """
        owner = self.owner(session)
        presented = client.credential if client else None
        found = {owner} if owner and self.is_of(client, owner) else set()
        found |= {presented} if presented in self.live else set()
        return {self.sign_ins[sign_in].user for sign_in in found if sign_in}

    def is_of(self, client: Client | None, sign_in: str) -> bool:
        """Return whether a connection is one on which a sign-in counts."""
        if client is None or client.credential == sign_in:
            return True
        known = self.sign_ins[sign_in]
        return known.client is client or (
            known.browser is not None and known.browser is client.browser
        )


@dataclass(frozen=True)
class Sent:
    """A message that asks for a run.

    Attributes:
        client: Which connection it was sent on.
        session: The Streamlit session.
        state: What counted when it was sent.
    """

    client: Client
    session: str
    state: State


class Model:
    """Judges what an app under test has run and sent.

    A run is in order if it is in order now, or was so when the message was sent that asked for it
    and that has not been dealt with since: what was running already when a sign-in ended may come
    to its end.
    """

    def __init__(self) -> None:
        """Begin with nobody signed in."""
        self.state = State()
        self.disabled: set[str] = set()
        self.deleted: set[str] = set()
        self._ended: set[str] = set()
        self._listed: dict[str, str] = {}
        self._sent: dict[int, Sent] = {}
        self._pending: set[int] = set()

    @property
    def usable(self) -> list[str]:
        """The users who can sign in."""
        return [name for name in (*NAMES, CANARY) if name not in self.disabled | self.deleted]

    def send(self, client: Client) -> int:
        """Note a message that is about to be sent; return its number."""
        number = len(self._sent) + 1
        self._sent[number] = Sent(client, client.session, self.state)
        self._pending.add(number)
        return number

    def forget_settled(self, paused: Iterable[str]) -> None:
        """Note that all messages are dealt with, but in these Streamlit sessions."""
        waiting = set(paused)
        self._pending = {
            number for number in self._pending if self._sent[number].session in waiting
        }

    def end(self, user: str) -> None:
        """Note that all sign-ins of a user have ended for good."""
        self._ended |= {each for each, known in self.state.sign_ins.items() if known.user == user}
        self._refresh()

    def list(self, listed: dict[str, str]) -> None:
        """Take in the live sign-ins as the library lists them; what is gone is gone for good."""
        self._ended |= self._listed.keys() - listed.keys()
        self._listed = listed
        self._refresh()

    def begin(self, client: Client, user: str) -> bool:
        """Note that a user has signed in on a connection; return whether a new sign-in shows it."""
        new = [
            sign_in
            for sign_in, name in self._listed.items()
            if name == user and sign_in not in self.state.sign_ins
        ]
        for sign_in in new:
            known = SignIn(user, client, client.browser)
            sign_ins = {**self.state.sign_ins, sign_in: known}
            self.state = replace(self.state, sign_ins=sign_ins)
            self.own(client.session, sign_in)
        self._refresh()
        return len(new) == 1

    def own(self, session: str, sign_in: str) -> None:
        """Note whose a Streamlit session is from now on."""
        self.state = replace(self.state, owners={**self.state.owners, session: sign_in})

    def set_admin(self, user: str, *, is_admin: bool) -> None:
        """Note a change of roles."""
        admins = self.state.admins | {user} if is_admin else self.state.admins - {user}
        self.state = replace(self.state, admins=admins)

    def refresh_accounts(self) -> None:
        """Note that accounts were disabled, enabled or deleted."""
        self._refresh()

    def judge_run(self, report: Report) -> str | None:
        """Return what is wrong with an execution; None if nothing is."""
        sent = self._sent.get(report.number or 0)
        client = sent.client if sent else None
        states = [self.state]
        if sent is not None and report.number in self._pending:
            states.append(sent.state)
        allowed = [
            state for state in states if report.user in state.allowed(report.session, client)
        ]
        if not allowed:
            return f"{report.place} of {report.user} ran without a sign-in of theirs"
        is_staff = report.place.startswith(STAFF)
        if is_staff and not any(report.user in state.admins for state in allowed):
            return f"{report.place} of {report.user} ran without the role"
        return None

    def judge_output(
        self, client: Client, session: str, place: str, user: str, before: State
    ) -> str | None:
        """Return what is wrong with a marker that was sent to a client; None if nothing is.

        Args:
            client: To whom it was sent.
            session: The Streamlit session that the page had then.
            place: Whose code has sent it.
            user: Whose rows they are.
            before: What counted before the latest step.
        """
        pending = [self._sent[number] for number in self._pending]
        states = [sent.state for sent in pending if sent.session == session]
        if place == NOTE:
            # What stays in the Streamlit session, and is shown without a guard, too.
            owner = self.state.owner(session)
            if owner is None or self.state.sign_ins[owner].user == user:
                return None
        if any(user in state.allowed(session, client) for state in (self.state, before, *states)):
            return None
        return f"{place} of {user} was sent to {client.name}"

    def learn(self, report: Report) -> None:
        """Take in that a guard has let a connection in by its credential."""
        sent = self._sent.get(report.number or 0)
        presented = sent.client.credential if sent else None
        if presented not in self.state.live or presented is None:
            return
        owner = self.state.owner(report.session)
        if owner is not None and self.state.sign_ins[owner].user == report.user:
            return
        if self.state.sign_ins[presented].user == report.user:
            self.own(report.session, presented)

    def _refresh(self) -> None:
        out = self.disabled | self.deleted
        live = frozenset(
            sign_in
            for sign_in, known in self.state.sign_ins.items()
            if sign_in in self._listed and sign_in not in self._ended and known.user not in out
        )
        self.state = replace(self.state, live=live)
