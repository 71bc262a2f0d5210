"""The Content-Security-Policy of the pages."""

from collections.abc import Iterable
from typing import Final

from streamlit_persistauth.core.csp import STRICT

# Every page of Streamlit compiles WebAssembly. Without 'wasm-unsafe-eval' it works as well, but
# reports a violation each time. Streamlit's components write styles of their own.
_STRICT: Final = (
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval' {inline_scripts}",
    "style-src 'self' 'unsafe-inline'",
    "connect-src 'self' blob: data:",
    "font-src 'self' data:",
    "frame-src 'self'",
    "img-src 'self' blob: data:",
    "manifest-src 'self'",
    "media-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
)


def written_out(policy: str, inline_scripts: Iterable[str]) -> str:
    """Return a policy as it is sent, with `strict` replaced by what it stands for.

    Args:
        policy: `strict`, or a policy.
        inline_scripts: The hashes of the inline scripts in Streamlit's page, as CSP sources.
    """
    if policy != STRICT:
        return policy.strip().rstrip(";")
    return "; ".join(_STRICT).format(inline_scripts=" ".join(inline_scripts))


def with_frame_ancestors(policy: str, sources: str) -> str:
    """Return a policy that also names the sites that may frame a page."""
    ancestors = f"frame-ancestors {sources}"
    return f"{policy}; {ancestors}" if policy else ancestors
