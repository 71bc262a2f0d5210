from pathlib import Path

from streamlit_persistauth.runtime.index_page import inline_script_hashes
from streamlit_persistauth.web.csp import with_frame_ancestors, written_out

NGINX = Path(__file__).parents[2] / "docs" / "how-to" / "nginx.md"


def test_strict() -> None:
    """The strict policy runs scripts of the own origin and Streamlit's inline script, no other."""
    policy = written_out("strict", ["'sha256-abc='"])
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == "'self' 'wasm-unsafe-eval' 'sha256-abc='"
    assert directives["object-src"] == "'none'"
    assert directives["base-uri"] == "'none'"
    assert "'unsafe-eval'" not in policy
    assert "script-src-elem" not in policy
    assert "frame-ancestors" not in policy


def test_documented() -> None:
    """The line for nginx has the same policy, for the installed Streamlit."""
    policy = with_frame_ancestors(written_out("strict", inline_script_hashes()), "'self'")
    line = f'add_header Content-Security-Policy "{policy}" always;\n'
    assert line in NGINX.read_text(encoding="utf-8")


def test_own() -> None:
    """A policy of the app is sent as it is."""
    assert written_out(" default-src 'self'; ", ["'sha256-abc='"]) == "default-src 'self'"
    assert written_out("", ["'sha256-abc='"]) == ""


def test_frame_ancestors() -> None:
    """The sites that may frame the app are part of each policy."""
    assert with_frame_ancestors("", "'self'") == "frame-ancestors 'self'"
    assert with_frame_ancestors("img-src *", "'none'") == "img-src *; frame-ancestors 'none'"
