"""The example of docs/how-to/testing.md that opens a real page."""

import re

import pytest
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.support.server import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.chromium]
pytest_plugins = ["pytester"]

PAGE = f"""
import pytest
from playwright.sync_api import sync_playwright


@pytest.fixture
def page():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path={str(CHROMIUM)!r}, args={FLAGS!r})
        yield browser.new_page()
        browser.close()
"""
"""What pytest-playwright provides."""


def example(name: str) -> str:
    """Return a file of the page."""
    text = (ROOT / "docs" / "how-to" / "testing.md").read_text(encoding="utf-8")
    found = re.search(rf"^```python\n# {name}\.py\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.usefixtures("clean_machine")
def test_page(pytester: pytest.Pytester) -> None:
    """The example passes when it is copied into another project."""
    pytester.makeconftest(PAGE)
    files = {name: example(name) for name in ("accounts", "app", "test_page")}
    pytester.makepyfile(**files)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:playwright")
    result.assert_outcomes(passed=1)
    assert not list(pytester.path.rglob("persistauth.db"))
