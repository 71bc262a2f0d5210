"""The HTML page that Streamlit serves for each address.

There is no public way to read it, so this module reaches inside Streamlit. It was checked with
versions 1.58 and 1.67.
"""

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Final

_INLINE: Final = re.compile(
    r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE
)


def inline_script_hashes() -> tuple[str, ...]:
    """Return the hash of each inline script in the page, as a source of CSP.

    Without Streamlit's page there are none.
    """
    from streamlit import file_util

    try:
        # Browsers hash a script with its line ends as `\n`, which is how Python reads them.
        page = (Path(file_util.get_static_dir()) / "index.html").read_text(encoding="utf-8")
    except OSError:
        return ()
    return tuple(map(_hash, _INLINE.findall(page)))


def _hash(script: str) -> str:
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"
