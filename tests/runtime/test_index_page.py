from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest
from streamlit import file_util

from streamlit_persistauth.runtime.index_page import inline_script_hashes

PAGE = """<script src="./static/js/index.js"></script>
<script type="module" crossorigin src="a.js"></script>
<SCRIPT>
  window.first = "</b>"
</SCRIPT><script id="src">second()</script>"""


def in_csp(script: str) -> str:
    """Return the source of CSP that allows a script."""
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


def test_installed() -> None:
    """The page of the installed Streamlit has one inline script."""
    (source,) = inline_script_hashes()
    assert source == in_csp("\n      window.prerenderReady = false\n    ")


def test_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scripts without an address are found, with line ends as browsers hash them."""
    (tmp_path / "index.html").write_bytes(PAGE.replace("\n", "\r\n").encode())
    monkeypatch.setattr(file_util, "get_static_dir", lambda: str(tmp_path))
    assert inline_script_hashes() == (
        in_csp('\n  window.first = "</b>"\n'),
        in_csp("second()"),
    )


def test_without_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Streamlit without its page has no inline script."""
    monkeypatch.setattr(file_util, "get_static_dir", lambda: str(tmp_path / "missing"))
    assert inline_script_hashes() == ()
