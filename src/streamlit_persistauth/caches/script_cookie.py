"""Cookies written by a script in the page, through streamlit-cookies-controller."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

import streamlit as st

_KEY: Final = "persistauth:cookies"


def write_cookie(name: str, value: str, expires_at: datetime, *, secure: bool) -> None:
    """Draw the component that writes a cookie. Not HttpOnly: no script can write such a one."""
    with _controller({}) as controller:
        controller.set(name, value, expires=expires_at, secure=secure, same_site="lax")


def remove_cookie(name: str, *, secure: bool) -> None:
    """Draw the component that removes a cookie, named with the attributes it was written with."""
    with _controller({name: ""}) as controller:
        controller.remove(name, secure=secure, same_site="lax")


@contextmanager
def _controller(known: dict[str, str]) -> Iterator[Any]:
    """Yield a controller that believes to know the browser's cookies.

    One that doesn't asks the browser first, which costs a rerun of the page. What it believes
    afterwards holds the credential, so nothing of it stays in the Streamlit session.
    """
    from streamlit_cookies_controller import CookieController  # declares a component: in a run only

    st.session_state[_KEY] = known
    try:
        yield CookieController(key=_KEY)
    finally:
        del st.session_state[_KEY]
