"""Two apps on one host, each with its own key and database, and the same cookie name."""

import time

from tests.raw.conftest import Cases
from tests.support.account import ADA
from tests.support.forgery import CLAIMS, HEADER, forge
from tests.support.raw import opened

from streamlit_persistauth.core.sessions.jwt_signer import key_id

REFUSED = "SELECT count(*) FROM auth_events WHERE event_type = 'token_refused'"
FORGETTING = (b'"removeCookie"', b"/persistauth/clear")
DAY = 24 * 60 * 60
FRESH = {**CLAIMS, "iat": int(time.time()), "exp": int(time.time()) + 3600}


def visitor(cases: Cases, credential: str) -> tuple[bool, int]:
    """Open the page with a credential in our cookie.

    Returns:
        Whether the page has its browser forget the cookie, and how many refusals are recorded.
    """
    before = cases.server.database.rows(REFUSED)
    browser = "_streamlit_xsrf=2|0123|4567|1; persistauth_browser=a-browser"
    with opened(cases.url, cookie=f"persistauth={credential}; {browser}") as client:
        sent = client.run("case=decorated").raw
        assert "Sign in" in client.page.buttons
        sent += client.run("case=decorated").raw
    ((count,),), ((earlier,),) = cases.server.database.rows(REFUSED), before
    return any(word in sent for word in FORGETTING), int(str(count)) - int(str(earlier))


def test_of_another_key(cases: Cases) -> None:
    """A credential of another key is kept, and the log names the likely cause once."""
    for _ in range(2):
        assert visitor(cases, forge(payload=FRESH)) == (False, 0)
    assert cases.server.log.count("that another key or app has made") == 1


def test_of_another_app(cases: Cases) -> None:
    """A credential that another app has issued with the same key is kept."""
    key = cases.server.settings["JWT_SECRET_KEY"]
    header = {**HEADER, "kid": key_id(key)}
    neighbour = forge(header, {**FRESH, "aud": "bikes"}, key=key)
    assert visitor(cases, neighbour) == (False, 0)


def test_own(cases: Cases) -> None:
    """An unknown, forged or long expired credential of this app is deleted and recorded."""
    key = cases.server.settings["JWT_SECRET_KEY"]
    header = {**HEADER, "kid": key_id(key)}
    expired = forge(header, {**FRESH, "exp": int(time.time()) - 2 * DAY}, key=key)
    ended = forge(header, FRESH, key=key)
    forged = forge(header, FRESH)
    for credential in (expired, ended, forged, "garbage"):
        assert visitor(cases, credential) == (True, 1)


def test_by_the_clock(cases: Cases) -> None:
    """A credential that a server with another time may accept is kept, and recorded."""
    key = cases.server.settings["JWT_SECRET_KEY"]
    header = {**HEADER, "kid": key_id(key)}
    now = int(time.time())
    early = forge(header, {**FRESH, "iat": now + 600, "exp": now + DAY}, key=key)
    late = forge(header, {**FRESH, "exp": now - 600}, key=key)
    for credential in (early, late):
        assert visitor(cases, credential) == (False, 1)


def test_sign_in_beside_it(cases: Cases) -> None:
    """A user who signs in here gets a credential that replaces it."""
    browser = "_streamlit_xsrf=2|0123|4567|1; persistauth_browser=a-browser"
    with opened(cases.url, cookie=f"persistauth={forge(payload=FRESH)}; {browser}") as client:
        client.run("case=decorated")
        page = client.sign_in(ADA.email, ADA.password)
        assert "secret of the house" in page.texts
        assert b'"writeCookie"' in page.raw or b"/persistauth/handoff" in page.raw
