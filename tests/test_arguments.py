"""Every public call refuses odd arguments with an error that its documentation names."""

import inspect
import math
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.page import Page

from streamlit_persistauth import Authenticator, AuthError, ConfigError, InvalidArgument, Users

ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    -2.5,
    0,
    10**9,
    1e308,
    10**400,
    math.nan,
    math.inf,
    -math.inf,
    "",
    "x",
    "\0",
    "\ud800",
    "x" * 1_000_000,
    b"x",
    (),
    [],
    [None],
    ["\ud800"],
    {},
    {1: 2},
    {"Email": "\ud800"},
    object(),
    timedelta.max,
    timedelta(-1),
    date.max,
)
"""What a program may pass by mistake."""

GOOD: dict[str, object] = {
    "email": EMAIL,
    "password": PASSWORD,
    "new_password": PASSWORD,
    "token": "x",
    "identifier": "ada@example.com",
    "username": "ada",
    "full_name": "Ada",
    "roles": ("admin",),
    "max_age": 60,
    "remember": True,
    "scope": "local",
    "user_id": "x",
    "session_id": "x",
    "older_than_days": 30,
    "name": "admin",
    "pages": ["page.py"],
    "position": "sidebar",
    "expanded": False,
    "credential": "x",
    "request": {},
    "used": True,
    "user": EMAIL,
    "by": None,
    "text": "",
    "role": None,
    "status": None,
    "sort": "email",
    "descending": False,
    "offset": 0,
    "limit": None,
}
"""A good argument for each parameter, so that one odd argument is tried at a time."""
DRAWN = {"location", "key", "labels", "place_of"}
"""Parameters of what draws, which is tried in a page."""


def members() -> dict[str, Any]:
    """Every public method of `Authenticator`."""
    return {
        name: member
        for name, member in inspect.getmembers(Authenticator, inspect.isfunction)
        if not name.startswith("_")
    }


def parameters(member: Any) -> list[str]:  # noqa: ANN401 - any method
    """The names of a method's parameters."""
    return [name for name in inspect.signature(member).parameters if name != "self"]


def by_program() -> list[tuple[str, str]]:
    """Each parameter of each method that a program calls."""
    found = [(name, item) for name, member in members().items() for item in parameters(member)]
    return [(name, item) for name, item in found if item not in DRAWN]


def documented(member: Any) -> set[str]:  # noqa: ANN401 - any method
    """The errors that a method's docstring names, and the one that the class names for all."""
    _, _, raises = (inspect.getdoc(member) or "").partition("Raises:\n")
    return {"InvalidArgument", *re.findall(r"^    (\w+):", raises, re.MULTILINE)}


@pytest.fixture
def auth(clean_machine: Path, monkeypatch: pytest.MonkeyPatch) -> Authenticator:
    """An app with cheap hashes."""
    monkeypatch.setenv("PERSISTAUTH_BCRYPT_ROUNDS", "4")
    return Authenticator()


@pytest.mark.parametrize(("name", "odd"), by_program())
def test_by_program(auth: Authenticator, name: str, odd: str) -> None:
    """A method raises only what its docstring names, whatever its arguments."""
    member, allowed = getattr(auth, name), documented(members()[name])
    for value in ODD:
        arguments = {item: GOOD[item] for item in parameters(members()[name])} | {odd: value}
        try:
            member(**arguments)
        except AuthError as error:
            assert type(error).__name__ in allowed, (odd, repr(value)[:40])  # noqa: PT017


@pytest.mark.parametrize(
    ("name", "odd"),
    [
        (name, item)
        for name, member in inspect.getmembers(Users, inspect.isfunction)
        for item in parameters(member)
        if not name.startswith("_")
    ],
)
def test_users(auth: Authenticator, name: str, odd: str) -> None:
    """The same holds for the methods of `auth.users`."""
    method, member = getattr(auth.users, name), getattr(Users, name)
    auth.users.add(EMAIL)
    for value in ODD:
        arguments = {item: GOOD[item] for item in parameters(member)} | {odd: value}
        try:
            method(**arguments)
        except AuthError as error:
            assert type(error).__name__ in documented(member), (odd, repr(value)[:40])  # noqa: PT017


def drawing() -> Iterator[tuple[str, str]]:
    """Each parameter of each method that draws."""
    for name, member in members().items():
        for item in DRAWN.intersection(parameters(member)):
            yield name, item


@pytest.mark.slow
@pytest.mark.parametrize("user", ["", "root@example.com"])
def test_drawn(auth: Authenticator, user: str) -> None:
    """A form or panel raises only InvalidArgument, whatever its arguments."""
    if user:
        auth._services.accounts.register(user, PASSWORD, roles=("admin",))
    for name, item in drawing():
        given = {"name": name, "parameter": item, "values": ODD}
        page = Page.signed_in(scripts.odd_forms, user, **given) if user else None
        page = page or Page(scripts.odd_forms, **given)
        assert page.exceptions == []
        assert page.texts[-1] == "no fault"


@pytest.mark.parametrize("parameter", list(inspect.signature(Authenticator).parameters))
def test_constructor(auth: Authenticator, parameter: str) -> None:
    """Odd arguments of the constructor raise ConfigError, or InvalidArgument for labels."""
    for value in ODD:
        try:
            Authenticator(**{parameter: value})
        except (ConfigError, InvalidArgument) as error:
            assert str(error).startswith((parameter, "PERSISTAUTH_")), repr(value)[:40]  # noqa: PT017


@pytest.mark.parametrize("days", [-2, -0.001, math.nan, math.inf, 1e9, "7", True])
def test_purge_expired_keeps_live_sign_ins(auth: Authenticator, days: float) -> None:
    """An invalid number of days deletes nothing."""
    services = auth._services
    made = services.accounts.register(EMAIL, PASSWORD)
    services.sessions.start(made, remember=True, client=auth._current_user.client())
    with pytest.raises(InvalidArgument, match=r"older_than_days: .* from 0 to 36500"):
        auth.purge_expired(days)
    assert len(auth.list_sessions(made.user.id)) == 1


@pytest.mark.parametrize("days", [0, 0.5, 36_500])
def test_purge_expired(auth: Authenticator, days: float) -> None:
    """The least and the greatest number of days work."""
    assert auth.purge_expired(days) == 0


def test_login_without_texts(auth: Authenticator) -> None:
    """None as address or password is refused like a wrong password."""
    assert auth.login(None, None) == (False, None, "Invalid email or password.")  # type: ignore[arg-type]


@pytest.mark.parametrize("scope", ["", "everywhere", None, ["global"]])
def test_logout_of_an_unknown_scope(auth: Authenticator, scope: Any) -> None:  # noqa: ANN401
    """An unknown scope is refused, and does not mean all sessions."""
    with pytest.raises(InvalidArgument, match="'local', 'others', 'global'"):
        auth.logout(scope)


def test_list_sessions_of_an_empty_id(auth: Authenticator) -> None:
    """An empty id matches no user; it does not mean the current one."""
    assert auth.list_sessions("") == []


def test_one_role(auth: Authenticator) -> None:
    """A single name in place of a list is one role, not one for each letter."""
    auth.invite(EMAIL, roles="admin")
    record = auth._services.users.find(EMAIL)
    assert record is not None
    assert record.user.roles == ("admin",)


@pytest.mark.parametrize("value", [None, 1, "x", object()])
def test_connect(auth: Authenticator, value: Any) -> None:  # noqa: ANN401 - odd on purpose
    """A listener has to be a function."""
    with pytest.raises(InvalidArgument):
        auth.events.connect(value)
    with pytest.raises(InvalidArgument):
        auth.events.disconnect(value)


@pytest.mark.parametrize("value", [None, 1, "x"])
def test_decorated(auth: Authenticator, value: Any) -> None:  # noqa: ANN401 - odd on purpose
    """Only functions can be decorated."""
    with pytest.raises(InvalidArgument):
        auth.require_login()(value)


@pytest.mark.parametrize("labels", [5, "x", {"Email": 5}])
def test_labels_beside_a_bad_setting(
    auth: Authenticator, monkeypatch: pytest.MonkeyPatch, labels: object
) -> None:
    """Labels of the wrong type are refused before a bad setting is shown in their words."""
    monkeypatch.setenv("PERSISTAUTH_BCRYPT_ROUNDS", "many")
    page = Page(scripts.labelled, labels=labels)
    assert page.exceptions == []
    assert page.texts == ["labels: a mapping from strings to strings is expected."]


NO_PAGES: list[Any] = [
    None,
    5,
    "page.py",
    [],
    {},
    [5],
    [None],
    {"Section": 5},
    {"Section": []},
    {1: ["a.py"]},
]


@pytest.mark.parametrize("pages", NO_PAGES, ids=repr)
@pytest.mark.parametrize("user", ["", EMAIL])
def test_navigation_of_no_pages(auth: Authenticator, user: str, pages: object) -> None:
    """What `st.navigation` does not take is refused with one sentence, signed in or not."""
    auth._services.accounts.register(EMAIL, PASSWORD)
    page = (
        Page.signed_in(scripts.with_pages, user, pages=pages)
        if user
        else Page(scripts.with_pages, pages=pages)
    )
    assert page.exceptions == []
    assert page.texts == [
        "pages: a list of pages is expected, or a dictionary of such lists by their heading."
    ]


@pytest.mark.parametrize("position", ["left", "", None, 5, ["top"]])
def test_navigation_in_an_unknown_position(auth: Authenticator, position: object) -> None:
    """A position that `st.navigation` does not know is refused with one sentence."""
    page = Page(scripts.with_pages, pages=["page.py"], position=position)
    assert page.exceptions == []
    assert page.texts == ["position: one of 'sidebar', 'hidden', 'top' is expected."]
