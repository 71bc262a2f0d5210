"""Our page scripts beside faulty scripts and planted cookies."""

from collections.abc import Iterator
from importlib import resources
from typing import Any, cast

import pytest
from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.browser

PAGE = "http://app.example/team/"
COOKIE = {"name": "app", "value": "v", "text": "app=v; Path=/team"}
QUESTION = {"cookie": "app", "item": "app", "probe": COOKIE, "probeEnd": "app_probe=; Max-Age=0"}
RUN = """
async ([source, data]) => {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const { default: run } = await import(url);
    const said = {};
    run({ data: [data], setTriggerValue: (name, value) => Object.assign(said, { [name]: value }) });
    return said;
}
"""


@pytest.fixture
def page(browser: BrowserContext) -> Iterator[Page]:
    """An empty page of a host."""
    browser.route(PAGE, lambda route: route.fulfill(content_type="text/html", body="<p>Hello"))
    page = browser.new_page()
    page.goto(PAGE)
    yield page
    page.close()


def run(page: Page, script: str, **data: object) -> dict[str, Any]:
    """Run one of our scripts in a page; return what it sends to Python."""
    assets = resources.files("streamlit_persistauth") / "assets"
    source = (assets / f"{script}.js").read_text(encoding="utf-8")
    return cast("dict[str, Any]", page.evaluate(RUN, [source, data]))


def test_polluted_prototypes(page: Page) -> None:
    """Page scripts are hardened against prototype pollution."""
    page.evaluate(
        """() => {
            localStorage.setItem("kept", "1");
            Object.prototype.text = "planted";
            Object.prototype.until = 10e13;
            Object.prototype.writeItem = { name: "app", text: "planted", until: 10e13 };
            Object.prototype.removeItem = { name: "kept" };
            Object.prototype.removeCookie = { text: "app=planted" };
        }"""
    )
    assert run(page, "script", id="1", ask=QUESTION)["answer"]["item"] == ""
    run(page, "script", id="2", writeCookie=COOKIE)
    assert page.evaluate("Object.entries(localStorage)") == [["kept", "1"]]
    assert page.evaluate("document.cookie") == "app=v"


def test_two_cookies(page: Page) -> None:
    """Two cookies of our name are reported as they are, so that both are refused."""
    page.evaluate(
        "document.cookie = 'app=planted; Path=/team'; document.cookie = 'app=own; Path=/'"
    )
    answer = run(page, "script", id="1", ask=QUESTION)["answer"]
    assert set(answer["cookie"].split(" ")) == {"planted", "own"}
    assert run(page, "script", id="2", writeCookie=COOKIE) == {"lost": "2"}


def test_another_referrer_policy(page: Page) -> None:
    """A page sends no Referer once it holds a URL token, whatever its own policy."""
    lax = "<meta name=referrer content=unsafe-url>"
    page.evaluate("lax => document.head.insertAdjacentHTML('beforeend', lax)", lax)
    run(page, "address", name="app", text="handle", sent="")
    assert page.url == f"{PAGE}?app=handle"
    with page.expect_request("**/elsewhere") as caught:
        page.evaluate("fetch('/elsewhere').catch(() => {})")
    assert "referer" not in caught.value.all_headers()
