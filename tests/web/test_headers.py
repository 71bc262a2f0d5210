from starlette.responses import HTMLResponse, PlainTextResponse, Response
from tests.support.asgi import Answer, request

from streamlit_persistauth.web.headers import HeaderMiddleware


def ask(answer: Response, *, report_only: str = "") -> Answer:
    """Send a request through the middleware."""
    app = HeaderMiddleware(answer, frame_ancestors="'self'", report_only=report_only)
    return request(app, "GET", "/")


def test_document() -> None:
    """A document may be framed by its own origin only, and its type is not guessed."""
    answer = ask(HTMLResponse("page"))
    assert answer.all("content-security-policy") == ["frame-ancestors 'self'"]
    assert answer.all("x-content-type-options") == ["nosniff"]
    assert answer.all("referrer-policy") == ["strict-origin-when-cross-origin"]
    assert answer.all("content-security-policy-report-only") == []


def test_anything_else() -> None:
    """Other responses get the headers that are for all."""
    answer = ask(PlainTextResponse("text"))
    assert answer.all("content-security-policy") == []
    assert answer.all("x-content-type-options") == ["nosniff"]


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
