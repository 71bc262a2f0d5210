"""Messages of a page wait while its session is replaced."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.page import Page

from streamlit_persistauth import User
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.wiring.services import Services

NEW = "another-Kettle-94"


def change_password(page: Page) -> None:
    """Submit the form that changes the password."""
    page.fill(Current_password=PASSWORD, New_password=NEW, Confirm_new_password=NEW)
    page.press("Change password")


ACTS: dict[str, tuple[Callable[[], None], Callable[[Page], object], str, str]] = {
    "password": (scripts.changing, change_password, "password_changes", "set"),
    "sign out": (scripts.guarded, lambda page: page.press("Log out"), "sessions", "end"),
}


@pytest.mark.parametrize("act", ACTS)
def test_messages_wait(
    ada: User, services: Services, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    """The session is revoked while the middleware holds the other messages of the page."""
    script, do, part, name = ACTS[act]
    page = Page(script).sign_in(EMAIL, PASSWORD)
    depth, seen = [0], list[int]()

    @contextmanager
    def changing(_context: RequestContext) -> Iterator[None]:
        depth[0] += 1
        yield
        depth[0] -= 1

    real = getattr(getattr(services, part), name)

    def ends(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever it takes
        seen.append(depth[0])
        return real(*arguments, **named)

    monkeypatch.setattr(RequestContext, "changing", changing)
    monkeypatch.setitem(vars(getattr(services, part)), name, ends)
    do(page)
    assert page.exceptions == []
    assert seen
    assert all(seen)
    assert depth == [0]
