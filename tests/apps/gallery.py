"""Every form and panel, each on a page of its own, which the query parameter `show` chooses."""

from collections.abc import Callable

import streamlit as st
from tests.support.arabic import LABELS as ARABIC

from streamlit_persistauth import Authenticator

auth = Authenticator()
arabic = Authenticator(labels=ARABIC)

FORMS: dict[str, Callable[..., object]] = {
    "login": auth.login_form,
    "register": auth.register_form,
    "forgot": auth.forgot_password_form,
    "arabic": arabic.login_form,
}
PANELS: dict[str, Callable[..., object]] = {
    "change_password": auth.change_password_form,
    "change_email": auth.change_email_form,
    "user_menu": auth.user_menu,
    "devices": auth.sessions_panel,
    "admin": auth.admin_panel,
    "account": auth.account_panel,
    "arabic_menu": arabic.user_menu,
    "arabic_devices": arabic.sessions_panel,
    "arabic_account": arabic.account_panel,
    "arabic_admin": arabic.admin_panel,
}


def main() -> None:
    """Draw what the query asks for; the guard draws the forms of links."""
    show = st.query_params.get("show", "")
    if show in FORMS:
        FORMS[show]()
        return
    auth.guard(max_age=0 if show == "proof" else None)
    PANELS.get(show, lambda: st.title("Nothing here"))()


if __name__ == "__main__":
    main()
else:
    app = st.App(__file__, routes=auth.routes(), middleware=auth.middleware())
