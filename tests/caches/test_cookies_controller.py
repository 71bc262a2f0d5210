"""What `CookieController` is given, and what it leaves in the session state."""

import json
import sys
from collections.abc import Iterator
from datetime import datetime, timezone

import pytest
from streamlit.testing.v1 import AppTest
from tests.support.page import TIMEOUT, kept_main

from streamlit_persistauth.caches.registry import Caches, NamedCaches
from streamlit_persistauth.core.clock import utc_now
from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.web.cookies import Cookies

SECRET = "the-credential"
MORNING = datetime(2030, 1, 1, tzinfo=timezone.utc)


@pytest.fixture(autouse=True)
def main_module() -> Iterator[None]:
    """The main module stays what it is."""
    with kept_main():
        yield


def page(max_age: int, *, secure: bool = False, embedded: bool = False, own: bool = False) -> None:
    """Write a cookie, beside a controller of the app itself if it has one."""
    from datetime import datetime, timezone

    from streamlit_cookies_controller import CookieController

    from streamlit_persistauth.caches.cookies_controller import ControllerWriter
    from streamlit_persistauth.web.cookies import Cookies

    if own:
        CookieController()
    cookies = Cookies("app", path="/one", embedded=embedded)
    name, value = cookies.credential(secure=secure), "the-credential" if max_age else ""
    cookie = cookies.cookie(name, value, secure=secure, max_age=max_age)
    writer = ControllerWriter(lambda: datetime(2030, 1, 1, tzinfo=timezone.utc))
    assert not writer.write(cookie).draw()


def opened(max_age: int, **kwargs: bool) -> AppTest:
    """Open the page."""
    arguments = {"max_age": max_age, **kwargs}
    test = AppTest.from_function(page, default_timeout=TIMEOUT, kwargs=arguments).run()
    assert not test.exception
    return test


def frames(test: AppTest) -> list[dict[str, object]]:
    """Return the arguments of all frames of `CookieController` on the page."""
    return [json.loads(frame.proto.json_args) for frame in test.get("component_instance")]


def test_written() -> None:
    """The cookie has the attributes that our script and our routes give it."""
    (frame,) = frames(opened(60))
    assert (frame["method"], frame["name"], frame["value"]) == ("set", "app", SECRET)
    assert frame["options"] == {
        "path": "/one",
        "expires": "2030-01-01T00:01:00+00:00",
        "maxAge": 60,
        "sameSite": "lax",
    }


def test_on_https() -> None:
    """A cookie with the prefix is Secure and for the whole host, or no browser would keep it."""
    (frame,) = frames(opened(60, secure=True))
    assert frame["name"] == "__Host-app"
    options = frame["options"]
    assert isinstance(options, dict)
    assert (options["path"], options["secure"], options["sameSite"]) == ("/", True, "lax")
    assert "partitioned" not in options


def test_in_frames_of_other_sites() -> None:
    """In a frame of another site the cookie is partitioned."""
    (frame,) = frames(opened(60, secure=True, embedded=True))
    options = frame["options"]
    assert isinstance(options, dict)
    assert options["partitioned"] is True
    assert options["sameSite"] == "none"


def test_deleted() -> None:
    """A cookie is deleted with the attributes it was set with."""
    (kept,), (deleted,) = frames(opened(60)), frames(opened(0))
    assert (deleted["method"], deleted["name"], deleted["value"]) == ("set", "app", "")
    assert isinstance(kept["options"], dict)
    expires = "2030-01-01T00:00:00+00:00"
    assert deleted["options"] == {**kept["options"], "maxAge": 0, "expires": expires}


def test_same_at_each_run() -> None:
    """The arguments of a frame never change, because it writes the cookie again if they do."""
    test = opened(60)
    before = frames(test)
    assert frames(test.run()) == before


def test_nothing_in_the_session_state() -> None:
    """No cookie is asked for, and no value of ours is in the app's session state."""
    test = opened(60)
    assert [frame["method"] for frame in frames(test)] == ["set"]
    state = test.session_state._state
    assert state.filtered_state == {}
    assert SECRET not in repr(state)


def test_beside_the_app_s_own() -> None:
    """A controller of the app has its own frame and its own value, without our credential."""
    test = opened(60, own=True)
    assert [frame["method"] for frame in frames(test)] == ["getAll", "set"]
    state = test.session_state._state
    assert set(state.filtered_state) == {"cookies"}
    assert SECRET not in repr(state)


@pytest.mark.parametrize("caches", ["cookies_controller", ("session", "cookies_controller")])
def test_missing_package(monkeypatch: pytest.MonkeyPatch, caches: Caches) -> None:
    """Without the package one sentence tells what to install."""
    monkeypatch.setitem(sys.modules, "streamlit_cookies_controller", None)
    with pytest.raises(ConfigError) as caught:
        NamedCaches(Cookies("app"), clock=utc_now).find(caches)
    assert str(caught.value) == (
        "cache: streamlit-cookies-controller is not installed; "
        "run pip install 'streamlit-persistauth[cookies-controller]'."
    )


@pytest.mark.parametrize("caches", [("cookie", "cookies_controller"), ("cookie", "cookie")])
def test_twice_in_a_list(caches: tuple[str, ...]) -> None:
    """A list with two caches of one cookie is refused: one would delete what the other writes."""
    with pytest.raises(ConfigError, match="keep the same cookie"):
        NamedCaches(Cookies("app"), clock=utc_now).find(caches)
