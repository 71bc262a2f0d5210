"""Whose forms these are: the logo and the name of an app."""

import base64
import logging
import mimetypes
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Final

import streamlit as st

URLS: Final = ("https://", "data:image/")
# Not `st.image`: its button for the full screen would be the first stop of the keyboard.
_BRAND: Final = """<style>
.persistauth-brand { display: flex; flex-direction: column; align-items: center; gap: 0.5rem;
  text-align: center; overflow-wrap: anywhere }
.persistauth-brand img { height: 3rem; max-width: 100%; object-fit: contain }
.persistauth-brand p { margin: 0; font-weight: 600 }
</style>"""

logger = logging.getLogger("streamlit_persistauth")


def draw_brand(name: str, logo: str) -> None:
    """Draw what an app has of a name and a logo.

    Args:
        name: What it is called.
        logo: A file, or an `https:` or `data:` URL of a picture. One that can't be read is left
            out, and the log says so once.
    """
    source = logo if logo.startswith(URLS) else _embed(logo) if logo else ""
    # An empty alternative: the name stands below, or the heading of the form.
    picture = f'<img src="{escape(source)}" alt="">' if source else ""
    words = f"<p>{escape(name)}</p>" if name else ""
    if picture or words:
        st.html(f'{_BRAND}<div class="persistauth-brand">{picture}{words}</div>')


@lru_cache(maxsize=8)
def _embed(path: str) -> str:
    """Return a file as a URL that holds it.

    Streamlit would serve it at an address, which a stranger's browser can't read where
    PERSISTAUTH_PROTECT_FILES is on.
    """
    kind = mimetypes.guess_type(path)[0] or ""
    if not kind.startswith("image/"):
        logger.warning("PERSISTAUTH_LOGO: %s is no picture by its name", path)
        return ""
    try:
        content = Path(path).read_bytes()
    except OSError as fault:
        logger.warning("PERSISTAUTH_LOGO: %s can't be read: %s", path, fault.strerror)
        return ""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
