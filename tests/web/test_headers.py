import pytest
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from tests.support.asgi import Answer, request

from streamlit_persistauth.web.headers import HeaderMiddleware

POLICY = "frame-ancestors 'self'"
SCRIPTS = "/_stcore/bidi-components/streamlit-persistauth.focus"
BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"


def ask(answer: Response, *, report_only: str = "", path: str = "/", accept: str = "*/*") -> Answer:
    """Send a request through the middleware."""
    app = HeaderMiddleware(answer, policy=POLICY, report_only=report_only)
    return request(app, "GET", path, headers={"Accept": accept})


def test_document() -> None:
    """A document has the policy, and its type is not guessed."""
    answer = ask(HTMLResponse("page"))
    assert answer.all("content-security-policy") == [POLICY]
    assert answer.all("x-content-type-options") == ["nosniff"]
    assert answer.all("referrer-policy") == ["strict-origin-when-cross-origin"]
    assert answer.all("content-security-policy-report-only") == []


@pytest.mark.parametrize(
    "content_type",
    [
        "TEXT/HTML",
        "application/xhtml+xml",
        "image/svg+xml",
        "image/SVG+XML; charset=utf-8",
        "text/xml",
        "application/xml",
        "text/xsl",
        "application/mathml+xml",
    ],
)
def test_document_of_another_type(content_type: str) -> None:
    """Every document that can run scripts has both policies."""
    page = Response("x", headers={"Content-Type": content_type})
    answer = ask(page, report_only="img-src *")
    assert answer.all("content-security-policy") == [POLICY]
    assert answer.all("content-security-policy-report-only") == ["img-src *"]


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "text/javascript", "image/png", "application/json", "application/xmlfoo"],
)
def test_anything_else(content_type: str) -> None:
    """Other responses get the headers that are for all."""
    answer = ask(Response("x", headers={"Content-Type": content_type}))
    assert answer.all("content-security-policy") == []
    assert answer.all("x-content-type-options") == ["nosniff"]


def test_stored_document() -> None:
    """A document that the browser has stored gets the policy of today."""
    answer = ask(Response(status_code=304), accept=BROWSER, report_only="img-src *")
    assert answer.all("content-security-policy") == [POLICY]
    assert answer.all("content-security-policy-report-only") == ["img-src *"]
    assert ask(Response(status_code=304)).all("content-security-policy") == []


def test_the_app_knows_better() -> None:
    """A header that the app has set stays as it is."""
    own = {"Content-Security-Policy": "default-src 'none'", "Referrer-Policy": "no-referrer"}
    answer = ask(HTMLResponse("page", headers=own))
    assert answer.all("content-security-policy") == ["default-src 'none'"]
    assert answer.all("referrer-policy") == ["no-referrer"]


def test_report_only() -> None:
    """A report-only policy is sent with documents."""
    answer = ask(HTMLResponse("page"), report_only="default-src 'self'")
    assert answer.all("content-security-policy-report-only") == ["default-src 'self'"]


@pytest.mark.parametrize("base", ["", "/team"])
def test_hashed_script(base: str) -> None:
    """Browsers keep a script whose name has a hash of its content."""
    script = Response("x", media_type="text/javascript", headers={"Cache-Control": "public"})
    answer = ask(script, path=f"{base}{SCRIPTS}/focus-0a1b2c3d.js")
    assert answer.all("cache-control") == ["public, max-age=31536000, immutable"]


@pytest.mark.parametrize(
    "path",
    [
        f"{SCRIPTS}/focus.js",
        f"{SCRIPTS}/focus-0a1b2c3d.css",
        "/_stcore/bidi-components/another.focus/focus-0a1b2c3d.js",
        "/focus-0a1b2c3d.js",
    ],
)
def test_other_scripts(path: str) -> None:
    """What may change under its name is cached as before."""
    script = Response("x", media_type="text/javascript", headers={"Cache-Control": "public"})
    assert ask(script, path=path).all("cache-control") == ["public"]


def test_missing_script() -> None:
    """An error is not cached."""
    missing = PlainTextResponse("not found", 404)
    assert ask(missing, path=f"{SCRIPTS}/focus-0a1b2c3d.js").all("cache-control") == []


@pytest.mark.parametrize("path", [f"{SCRIPTS}/focus-0a1b2c3d.js", f"/x{SCRIPTS}/a-0a1b2c3d.js"])
@pytest.mark.parametrize("media_type", ["text/javascript", "text/html"])
def test_cookie_below_a_hashed_name(path: str, media_type: str) -> None:
    """No cache may store a cookie, such as a renewed credential, under the name of a script."""
    headers = {"Cache-Control": "no-store", "Set-Cookie": "persistauth=credential"}
    response = Response("x", media_type=media_type, headers=headers)
    assert ask(response, path=path, accept=BROWSER).all("cache-control") == ["no-store"]


def test_page_below_a_hashed_name() -> None:
    """Streamlit's page for an unknown path is cached as before."""
    page = HTMLResponse("page", headers={"Cache-Control": "no-cache"})
    assert ask(page, path=f"/x{SCRIPTS}/a-0a1b2c3d.js").all("cache-control") == ["no-cache"]
