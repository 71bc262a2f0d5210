"""A state machine that does to an app, over the raw protocol, what any client might do."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
)
from streamlit.proto.BackMsg_pb2 import BackMsg
from tests.support.machine.browser import Browser
from tests.support.machine.client import Client, numbered
from tests.support.machine.known import Known
from tests.support.machine.model import Model
from tests.support.machine.operator import CANARY, DELETING, DISABLING, ENDINGS, NAMES, Operator
from tests.support.machine.orders import Orders
from tests.support.machine.reports import take_reports
from tests.support.raw import rerun
from tests.support.server import AppServer

PIECES: Final = (
    "fragment",
    "timer",
    "callback",
    "inside",
    "change",
    "file",
    "open",
    "dialog",
    "answer",
    "guarded-fragment",
    "guarded-callback",
    "staff-fragment",
    "staff-callback",
    "public-fragment",
    "public-inside",
    "public-callback",
)
PAGES: Final = ("rows", "staff", "mixed", "public")
ABOVE: Final = ("number=x", "stop=1")
GUARDED: Final = {"body", "staff", "guarded-fragment", "guarded-callback", "staff-fragment"}
MAX_PAUSES: Final = 3
MAX_CLIENTS: Final = 4
ODD: Final[dict[str, BackMsg | bytes | str]] = {
    "clear_cache": BackMsg(clear_cache=True),
    "stop_script": BackMsg(stop_script=True),
    "set_run_on_save": BackMsg(set_run_on_save=True),
    "load_git_info": BackMsg(load_git_info=True),
    "heartbeat": BackMsg(app_heartbeat=True),
    "disconnect": BackMsg(debug_disconnect_websocket=True),
    "shutdown": BackMsg(debug_shutdown_runtime=True),
    "nothing": BackMsg(),
    "no such fragment": rerun(fragment="0123456789abcdef0123456789abcdef"),
    "no such page": rerun(page_hash="0123456789abcdef0123456789abcdef"),
    "junk": b"\xff\xfe\x00junk",
    "text": "text",
}
BROWSERS: Final = ("one", "two")
clients = Bundle("clients")


@dataclass(frozen=True)
class Target:
    """The app under test.

    Attributes:
        server: Serves it.
        operator: Works on its accounts.
        orders: Go to the probe in it.
        done: Counts what a machine has done.
    """

    server: AppServer
    operator: Operator
    orders: Orders
    done: Counter[str] = field(default_factory=Counter)


class Machine(RuleBasedStateMachine):
    """Any number of clients of one app, and the model that judges what comes of them."""

    def __init__(self, target: Target) -> None:
        """Begin with nobody signed in."""
        super().__init__()
        self.target = target
        self.operator = target.operator
        self.operator.reset()
        take_reports(target.server.home)
        self.model = Model()
        self.known = Known()
        self.browsers = {name: Browser(name, target.server.url) for name in BROWSERS}
        self.clients: list[Client] = []
        self.paused: list[str] = []
        self.is_sound = True
        self.ran: set[tuple[int | None, str]] = set()

    @initialize(target=clients, keep=st.booleans())
    def begin(self, *, keep: bool) -> Client:
        """A user has signed in."""
        client = self._open("one", "", cookies=True)
        self._sign_in(client, "ada", keep=keep)
        return client

    @rule(target=clients, browser=st.sampled_from(BROWSERS), cookies=st.booleans())
    def open(self, browser: str, *, cookies: bool) -> Client:
        """Open a page."""
        self._limit_clients()
        return self._open(browser, "", cookies=cookies)

    @rule(
        target=clients,
        other=clients,
        browser=st.sampled_from(BROWSERS),
        cookies=st.booleans(),
    )
    def resume(self, other: Client, browser: str, *, cookies: bool) -> Client:
        """Open a connection with the Streamlit session of another one."""
        self._limit_clients()
        return self._open(browser, other.session, cookies=cookies)

    @rule(client=clients)
    def close(self, client: Client) -> None:
        """Lose a connection."""
        with self.step():
            self._close(client)

    @rule(client=clients, page=st.sampled_from(PAGES))
    def visit(self, client: Client, page: str) -> None:
        """Send a clean run, as opening a page does."""
        expected = self._expected(client) if page == "rows" else ""
        with self.step():
            number = self._visit(client, page)
        if expected and client.is_open:
            assert (number, expected) in self.ran, f"{expected} was locked out on {client.name}"

    @rule(client=clients, page=st.sampled_from(PAGES), above=st.sampled_from(ABOVE))
    def visit_wrongly(self, client: Client, page: str, above: str) -> None:
        """Send a clean run that fails or stops above the guard."""
        with self.step():
            self._visit(client, page, above)

    @precondition(lambda self: len(self.paused) < MAX_PAUSES)
    @rule(client=clients, place=st.sampled_from(["above", "body"]))
    def visit_slowly(self, client: Client, place: str) -> None:
        """Send a clean run that waits above the guard, or below it."""
        with self.step():
            self._visit(client, "rows", f"pause={place}")

    @rule(client=clients, pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=3))
    def ask(self, client: Client, pieces: list[str]) -> None:
        """Ask for pieces of pages by their ids, all at once."""
        with self.step():
            self._ask(client, pieces)

    @precondition(lambda self: len(self.paused) < MAX_PAUSES)
    @rule(client=clients, piece=st.sampled_from(["fragment", "timer"]))
    def ask_slowly(self, client: Client, piece: str) -> None:
        """Ask for a piece that waits."""
        with self.step():
            self._ask(client, [piece], f"pause={piece}")

    @rule(client=clients, kind=st.sampled_from(sorted(ODD)))
    def send_odd(self, client: Client, kind: str) -> None:
        """Send what no page sends at that time, or what is no message."""
        with self.step():
            client.say(ODD[kind])

    @rule(client=clients, user=st.sampled_from(NAMES), keep=st.booleans())
    def sign_in(self, client: Client, user: str, *, keep: bool) -> None:
        """Sign in by the form, and let the browser keep the credential or not."""
        self._sign_in(client, user, keep=keep)

    @rule(client=clients, user=st.sampled_from(NAMES))
    def switch(self, client: Client, user: str) -> None:
        """Sign in by the app's own page, whoever is signed in there."""
        if user not in self.model.usable or not self._can_sign_in(client):
            return
        with self.step():
            self._visit(client, "switch")
        if "Switch" not in client.page.buttons:
            return
        with self.step():
            client.fill("Account", f"{user}@example.com")
            client.fill("Secret", self.operator.passwords[user])
            self._press(client, "Switch")
            self._settle()
            self.model.list(self.operator.live())
            assert self.model.begin(client, user) or not client.is_open, f"{user} can't sign in"

    @rule(client=clients, clear=st.booleans())
    def sign_out(self, client: Client, *, clear: bool) -> None:
        """Press the button that signs out, if there is one."""
        if "Log out" not in client.page.buttons:
            return
        with self.step():
            self._press(client, "Log out")
        if clear and client.browser:
            client.browser.clear()

    @rule(user=st.sampled_from(NAMES), way=st.sampled_from(sorted(ENDINGS)))
    def end(self, user: str, way: str) -> None:
        """End every sign-in of a user."""
        self._settle(everywhere=True)
        with self.step():
            self._end(user, way)

    @rule(
        client=clients,
        other=clients,
        pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=3),
        user=st.sampled_from(NAMES),
        way=st.sampled_from(sorted(ENDINGS)),
    )
    def end_meanwhile(
        self, client: Client, other: Client, pieces: list[str], user: str, way: str
    ) -> None:
        """End the sign-ins of a user while two connections ask for pieces."""
        with self.step():
            self._ask(client, pieces)
            self._visit(other, "rows")
            self._end(user, way)
            self._ask(other, pieces)
            self._ask(client, pieces)

    @precondition(lambda self: self.model.disabled - self.model.deleted)
    @rule(user=st.sampled_from(NAMES))
    def enable(self, user: str) -> None:
        """Enable a disabled account."""
        if user in self.model.disabled - self.model.deleted:
            with self.step():
                self.operator.enable(user)
                self.model.disabled.remove(user)

    @rule(user=st.sampled_from(NAMES), is_admin=st.booleans())
    def change_roles(self, user: str, *, is_admin: bool) -> None:
        """Give or take the role of admins."""
        with self.step():
            self.operator.set_admin(user, is_admin=is_admin)
            self.model.set_admin(user, is_admin=is_admin)

    @precondition(lambda self: self.paused)
    @rule(index=st.integers(0, MAX_PAUSES - 1))
    def go_on(self, index: int) -> None:
        """Let a run that waits go on."""
        with self.step():
            self.paused = self.target.orders.end_pause(index % len(self.paused))

    @precondition(lambda self: self.is_turning and not self.paused)
    @rule()
    def let_pages_turn(self) -> None:
        """Wait until the app has looked for ended sign-ins, which it does for all at once."""
        self.is_turning = False
        canary = self._open("one", "", cookies=False)
        self._sign_in(canary, CANARY, keep=False)
        with self.step():
            self._end(CANARY, "rows deleted")
            canary.wait_for("new_session")
            self._settle(everywhere=True)
        with self.step():
            self._close(canary)

    @rule()
    def strike(self) -> None:
        """Ask for everything on every connection."""
        with self.step():
            for client in self.clients:
                self._ask(client, PIECES)

    def teardown(self) -> None:
        """End every sign-in, ask for everything, let all runs go on, and ask again."""
        try:
            if self.is_sound:
                self._end_all()
        finally:
            while self.paused:
                self.paused = self.target.orders.end_pause(0)
            for client in self.clients:
                client.close()

    def _end_all(self) -> None:
        self._settle(everywhere=True)
        with self.step():
            for user in NAMES:
                self._end(user, "rows deleted")
        self.strike()
        while self.paused:
            self.go_on(0)
        self.strike()
        self.strike()

    @contextmanager
    def step(self) -> Iterator[None]:
        """Do something, wait until the app is done with it, and judge what it has run and sent."""
        self.is_sound = False
        before = self.model.state
        yield
        self._settle()
        self.model.list(self.operator.live())
        reports = take_reports(self.target.server.home)
        self.target.done.update(steps=1, executions=len(reports))
        self.ran |= {(report.number, report.user) for report in reports if report.place == "body"}
        wrong = [self.model.judge_run(report) for report in reports]
        for report in reports:
            if report.place in GUARDED:
                self.model.learn(report)
        wrong += [
            self.model.judge_output(client, place, user, before)
            for client in self.clients
            for place, user in client.take_seen()
        ]
        self.model.forget_settled(self.paused)
        found = sorted({each for each in wrong if each})
        assert not found, "; ".join(found)
        self.is_sound = True

    def _settle(self, *, everywhere: bool = False) -> None:
        """Wait until everything that has been sent is dealt with, and all output is here."""
        waiting = [client for client in self.clients if everywhere or not client.is_settled]
        for client in waiting:
            client.mark()
        for client in waiting:
            client.settle()
        self.paused = self.target.orders.look()

    def _limit_clients(self) -> None:
        used = [client for client in self.clients if client.is_open]
        if len(used) >= MAX_CLIENTS:
            with self.step():
                self._close(used[0])

    def _open(self, browser: str, session: str, *, cookies: bool) -> Client:
        presented = self.browsers[browser] if cookies else None
        name = f"c{len(self.clients) + 1}"
        client = Client(self.target.server.url, name, presented, session, self.known)
        self.clients.append(client)
        with self.step():
            pass
        return client

    def _close(self, client: Client) -> None:
        self._settle(everywhere=True)
        client.close()
        self.paused = self.target.orders.wait_for_close(client.name)

    def _sign_in(self, client: Client, user: str, *, keep: bool) -> None:
        if user not in self.model.usable or not self._can_sign_in(client):
            return
        with self.step():
            self._visit(client, "rows")
        if not {"Email", "Password"} <= client.page.fields.keys():
            return
        with self.step():
            client.fill("Email", f"{user}@example.com")
            client.fill("Password", self.operator.passwords[user])
            self._press(client, "Sign in")
            self._settle()
            self.model.list(self.operator.live())
            assert self.model.begin(client, user) or not client.is_open, f"{user} can't sign in"
        if keep:
            self._keep(client)

    def _visit(self, client: Client, page: str, query: str = "") -> int:
        number = self.model.send(client)
        client.address = "" if query.startswith("pause") else query
        client.query = numbered(query, number)
        hashes = [known.pages.get(page, "") for known in (client, *self.clients)]
        client.leave_page()
        client.say(rerun(client.query, page_hash=next(filter(None, hashes), "")))
        return number

    def _press(self, client: Client, label: str) -> None:
        client.query = numbered("", self.model.send(client))
        client.say(client.pressed(client.page.buttons[label]))

    def _ask(self, client: Client, pieces: Iterable[str], query: str = "") -> None:
        for name in pieces if client.is_open else ():
            number = self.model.send(client)
            self.target.done["messages"] += 1
            for message in self.known.messages(
                name,
                query=numbered(query or client.address, number),
                page=client.page_hash,
                session=client.session,
                request=f"r{number}",
            ):
                client.say(message)

    def _end(self, user: str, way: str) -> None:
        model = self.model
        if user not in model.usable:
            return
        self.is_turning = user != CANARY
        self.operator.end(user, way)
        if way in DISABLING:
            model.disabled.add(user)
        if way in DELETING:
            model.deleted.add(user)
        if way == "disabled by SQL":
            model.refresh_accounts()
        else:
            model.end(user)

    def _keep(self, client: Client) -> None:
        browser, code = client.browser, client.code
        if browser is None or code is None:
            return
        status = browser.bring(code)
        assert status == 200, f"a handoff code was answered by {status}"
        browser.sign_in = self.model.state.owner(client.session)

    def _can_sign_in(self, client: Client) -> bool:
        return client.is_open and not self.paused

    def _expected(self, client: Client) -> str:
        """Return who must get in by a clean run on a connection, if it can be told."""
        state, session = self.model.state, client.session
        if not client.is_open or session in self.paused:
            return ""
        owner = state.owner(session)
        if owner is not None and state.sign_ins[owner].client is client:
            return state.sign_ins[owner].user
        is_new = not session and client.credential in state.live
        return state.sign_ins[client.credential or ""].user if is_new else ""
