"""The number of runs that a chain of caches takes, with and without cookies."""

from collections.abc import Iterator

import pytest
from tests.raw.conftest import Cases, serve
from tests.support.account import ADA
from tests.support.raw import Page, opened

QUESTION = b"persistauth:question:"
"""The key of the question to the browser, whose answer is one more run."""
XSRF = "_streamlit_xsrf=0123456789abcdef"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cases]:
    """An app that keeps sign-ins in a cookie, or else in local storage; served plainly."""
    yield from serve("chain", tmp_path_factory.mktemp("chain"), PERSISTAUTH_ANSWER_SECONDS="30")


def first_run(app: Cases, cookie: str) -> Page:
    """Return what the first run of a page sends."""
    with opened(app.url, cookie=cookie) as client:
        return client.run()


def test_signed_out(app: Cases) -> None:
    """A browser with cookies and no credential gets the form in the first run, unasked."""
    page = first_run(app, XSRF)
    assert QUESTION not in page.raw
    assert "Sign in" in page.buttons


@pytest.mark.parametrize("rest", ["", f"; {XSRF}"])
def test_signed_in(app: Cases, rest: str) -> None:
    """A browser that sends its credential gets the page in the first run, unasked."""
    page = first_run(app, f"persistauth={ADA.credential(app.server.settings)}{rest}")
    assert QUESTION not in page.raw
    assert "inside" in page.texts


def test_without_cookies(app: Cases) -> None:
    """A browser that sends no cookie gets a question, and no form until it has answered."""
    page = first_run(app, "")
    assert QUESTION in page.raw
    assert "Sign in" not in page.buttons
