"""A state machine that does what any client might do, over the raw protocol."""

from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, precondition, rule
from streamlit.proto.BackMsg_pb2 import BackMsg
from tests.support.machine.client import Client
from tests.support.machine.moves import BROWSERS, Moves
from tests.support.machine.operator import CANARY, ENDINGS, NAMES
from tests.support.raw import rerun

QUEUED: Final = (
    "fragment",
    "timer",
    "inside",
    "dialog",
    "answer",
    "file",
    "guarded-fragment",
    "staff-fragment",
    "public-fragment",
    "public-inside",
)
"""Streamlit runs these one after the other."""
OVERTAKING: Final = (
    "callback",
    "change",
    "open",
    "guarded-callback",
    "staff-callback",
    "public-callback",
)
"""Each of these overtakes the one before."""
PIECES: Final = (*QUEUED, *OVERTAKING, "Log out")
PAGES: Final = ("rows", "staff", "mixed", "public")
ABOVE: Final = ("number=x", "stop=1")
MAX_PAUSES: Final = 3
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
clients = Bundle("clients")


class Machine(Moves):
    """The steps that Hypothesis draws from."""

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
    def visitor(self, client: Client, page: str) -> None:
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
        """Send what no page sends at that time, or a malformed message."""
        with self.step():
            client.say(ODD[kind])

    @rule(client=clients, user=st.sampled_from(NAMES), keep=st.booleans())
    def sign_in(self, client: Client, user: str, *, keep: bool) -> None:
        """Sign in by the form, and let the browser keep the credential or not."""
        self._sign_in(client, user, keep=keep)

    @rule(client=clients, user=st.sampled_from(NAMES), keep=st.booleans())
    def switch(self, client: Client, user: str, *, keep: bool) -> None:
        """Sign in by the app's own page, which may replace another user's sign-in."""
        self._submit(client, user, "switch", ("Account", "Secret"), "Switch", keep=keep)

    @rule(client=clients, at_once=st.booleans())
    def sign_out(self, client: Client, *, at_once: bool) -> None:
        """Press the button that signs out, if there is one."""
        if "Log out" not in client.page.buttons or not client.is_open:
            return
        with self.step():
            self._press(client, "Log out")
        if at_once:
            self._do_late(client)

    @rule(client=clients)
    def do_tasks(self, client: Client) -> None:
        """Send what a page had to send for its browser earlier."""
        self._do_late(client)

    @rule(user=st.sampled_from(NAMES), way=st.sampled_from(sorted(ENDINGS)))
    def end(self, user: str, way: str) -> None:
        """Revoke every sign-in of a user."""
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
        """Revoke the sign-ins of a user while two connections ask for pieces."""
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
        for pieces in (QUEUED, *((piece,) for piece in OVERTAKING if piece in self.known)):
            with self.step():
                for client in self.clients:
                    self._ask(client, pieces)

    def teardown(self) -> None:
        """Revoke every sign-in, ask for everything, let all runs go on, and ask again."""
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
