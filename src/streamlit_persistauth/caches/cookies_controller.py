"""Has streamlit-cookies-controller write the cookie of a plain app."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import streamlit as st

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.request.page_tasks import TASK_TIME
from streamlit_persistauth.runtime.script_run import in_fragment
from streamlit_persistauth.runtime.state_keys import CONTROLLER_KEY
from streamlit_persistauth.web.cookies import Cookie

PACKAGE: Final = "streamlit_cookies_controller"


@dataclass(frozen=True, slots=True)
class ControllerWriter:
    """Has `CookieController` write a cookie.

    Attributes:
        clock: Returns the current time.
    """

    clock: Clock

    def write(self, cookie: Cookie) -> "ControllerTask":
        return ControllerTask(cookie, self.clock() + timedelta(seconds=cookie.max_age or 0))


@dataclass(frozen=True, slots=True)
class ControllerTask:
    """Draws the frame of `CookieController` that writes a cookie.

    The frame writes the cookie when its arguments change, and also whenever the page loses its
    connection or changes its theme. By then another tab may have written a newer cookie. So the
    arguments never change, and the frame is removed after `TASK_TIME`, by a fragment with a timer.

    Attributes:
        cookie: The cookie; one without a value deletes it.
        expires: When it expires, for browsers without Max-Age. Without it, `CookieController`
            passes another time at each call.
    """

    cookie: Cookie
    expires: datetime

    @property
    def lasts(self) -> bool:
        return False

    def draw(self) -> bool:
        """Draw the frame; it does not report whether the browser has kept the cookie."""
        st.fragment(self._draw_frame, run_every=TASK_TIME)()
        return False

    def _draw_frame(self) -> None:
        """Draw the frame in a run of the page, and nothing in a run of the timer.

        `CookieController` sends all cookies that scripts can read to `st.session_state`, unless it
        finds its key there. Our key is there only while it is constructed.
        """
        if in_fragment():
            return
        from streamlit_cookies_controller import CookieController

        st.session_state[CONTROLLER_KEY] = {}
        # Any, because it takes "none" for SameSite, which its annotation does not name.
        controller: Any = CookieController(key=CONTROLLER_KEY)
        del st.session_state[CONTROLLER_KEY]
        cookie = self.cookie
        controller.set(
            cookie.name,
            cookie.value,
            path=cookie.path,
            expires=self.expires,
            max_age=cookie.max_age,
            secure=cookie.secure or None,
            same_site=cookie.same_site.lower(),
            partitioned=cookie.partitioned or None,
        )
