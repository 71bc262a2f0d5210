"""The logo and the name of the app, above a form."""

import base64
import logging
import mimetypes
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Final

import streamlit as st

URLS: Final = ("https://", "data:image/")
# Not `st.image`: its fullscreen button would be the first tab stop.
_BRAND: Final = """<style>
.persistauth-brand { display: flex; flex-direction: column; align-items: center; gap: 0.5rem;
  text-align: center; overflow-wrap: anywhere }
.persistauth-brand img { height: 3rem; max-width: 100%; object-fit: contain }
.persistauth-brand p { margin: 0; font-weight: 600 }
</style>"""

logger = logging.getLogger("streamlit_persistauth")


def draw_brand(name: str, logo: str) -> None:
    """Draw the logo and the name of the app, if it has any.

    Args:
        name: The name of the app, or an empty string.
        logo: A file, an `https:` URL, a `data:` URL of an image, or an empty string. A file that
            can't be read is left out and logged once.
    """
    source = logo if logo.startswith(URLS) else _embed(logo) if logo else ""
    # The alternative text is empty: the name or the heading of the form follows.
    picture = f'<img src="{escape(source)}" alt="">' if source else ""
    words = f"<p>{escape(name)}</p>" if name else ""
    if picture or words:
        st.html(f'{_BRAND}<div class="persistauth-brand">{picture}{words}</div>')


@lru_cache(maxsize=8)
def _embed(path: str) -> str:
    """Return an image file as a `data:` URL.

    With PERSISTAUTH_PROTECT_FILES on, a signed-out browser can't load files from Streamlit.
    """
    kind = mimetypes.guess_type(path)[0] or ""
    if not kind.startswith("image/"):
        logger.warning("PERSISTAUTH_LOGO: %s is not an image file", path)
        return ""
    try:
        content = Path(path).read_bytes()
    except OSError as fault:
        logger.warning("PERSISTAUTH_LOGO: %s can't be read: %s", path, fault.strerror)
        return ""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
