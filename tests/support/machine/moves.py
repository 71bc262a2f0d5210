"""What a state machine can do to an app, and how each step of it is judged."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from hypothesis.stateful import RuleBasedStateMachine
from tests.support.machine.browser import OK, Browser, Task
from tests.support.machine.client import Client, numbered
from tests.support.machine.known import Known
from tests.support.machine.model import Model
from tests.support.machine.operator import CANARY, DELETING, DISABLING, Operator
from tests.support.machine.probe_client import ProbeClient
from tests.support.machine.reports import take_reports
from tests.support.raw import rerun
from tests.support.server import AppServer

BROWSERS: Final = ("one", "two")
MAX_CLIENTS: Final = 4
GUARDED: Final = {"body", "staff", "guarded-fragment", "guarded-callback", "staff-fragment"}


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
    orders: ProbeClient
    done: Counter[str] = field(default_factory=Counter)


class Moves(RuleBasedStateMachine):
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
        self.is_turning = False
        target.done["runs"] += 1
        self.ran: set[tuple[int | None, str]] = set()

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
        self._note_sign_ins()
        wrong += [
            self.model.judge_output(client, session, place, user, before)
            for client in self.clients
            for session, place, user in client.take_seen()
        ]
        self.model.forget_settled(self.paused)
        found = sorted({each for each in wrong if each})
        assert not found, "; ".join(found)
        self.is_sound = True

    def _note_sign_ins(self) -> None:
        """Note which credential the browser gets for a handoff code that a page has been sent."""
        for client in self.clients:
            for task in client.tasks.values():
                if task.kind == "handoff" and task.sign_in is None:
                    task.sign_in = self.model.state.owners.get(client.session)

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
        """Sign in by the form of a guarded page, unless there is none."""
        form = ("Email", "Password")
        self._submit(client, user, "rows", form, "Sign in", keep=keep)

    def _submit(
        self,
        client: Client,
        user: str,
        page: str,
        fields: tuple[str, str],
        button: str,
        *,
        keep: bool,
    ) -> None:
        """Send address and password on a page that asks for them; perhaps do its tasks."""
        if user not in self.model.usable or not client.is_open or self.paused:
            return
        with self.step():
            self._visit(client, page)
        email, password = fields
        if not set(fields) <= client.page.fields.keys():
            return
        earlier = set(client.tasks)
        with self.step():
            client.fill(email, f"{user}@example.com")
            client.fill(password, self.operator.passwords[user])
            self._press(client, button)
            self._settle()
            self.model.list(self.operator.live())
            assert self.model.begin(client, user) or not client.is_open, f"{user} can't sign in"
        if keep:
            self._do_tasks(client, earlier)

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

    def _do_tasks(self, client: Client, earlier: set[str]) -> None:
        """Do at once what a page has been given to do; what is of an earlier run may fail."""
        for task in self._take_tasks(client):
            status = self._do(client, task)
            is_late = task.id in earlier or not client.is_open
            assert status == OK or is_late, f"{task.kind} was answered by {status}"

    def _do_late(self, client: Client) -> None:
        """Do what a page has been given to do; by now it may come to nothing."""
        for task in self._take_tasks(client):
            self._do(client, task)

    def _do(self, client: Client, task: Task) -> int:
        assert client.browser is not None
        self.target.done[task.kind] += 1
        return client.browser.do(task)

    def _take_tasks(self, client: Client) -> list[Task]:
        tasks, client.tasks = client.tasks, {}
        return [task for task in tasks.values() if not task.is_done]

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
