import pytest

from streamlit_persistauth.core.csp import fault_of

GOOD = [
    "default-src 'self'",
    "default-src 'self';",
    "DEFAULT-SRC 'none' ; script-src 'self' 'sha256-abc=' https://cdn.example:8443/x/*",
    "upgrade-insecure-requests; sandbox allow-scripts",
    "script-src-elem self.example",
]
BAD = [
    (" ", "a policy has at least one directive."),
    (" ; ", "a policy has at least one directive."),
    ("script-scr 'self'", "directive 1 has a name that CSP does not define."),
    ("'self'", "directive 1 has a name that CSP does not define."),
    ("Strict", "directive 1 has a name that CSP does not define."),
    (
        "img-src *; default-src self",
        "directive 2 has a keyword without quotes: write 'self', 'none' and so on.",
    ),
    (
        "script-src Unsafe-Inline",
        "directive 1 has a keyword without quotes: write 'self', 'none' and so on.",
    ),
    (
        "img-src *; IMG-SRC 'self'",
        "directive 2 repeats an earlier one, so browsers ignore it.",
    ),
    (
        "default-src 'self', script-src *",
        "a comma begins another policy; separate sources by spaces, directives by `;`.",
    ),
]


@pytest.mark.parametrize("policy", GOOD)
def test_good(policy: str) -> None:
    """A policy that browsers apply as it is written has no fault."""
    assert fault_of(policy) is None


@pytest.mark.parametrize(("policy", "sentence"), BAD)
def test_bad(policy: str, sentence: str) -> None:
    """What browsers would ignore, or take for something else, is found."""
    assert fault_of(policy) == sentence


def test_reserved() -> None:
    """A directive with a setting of its own is refused."""
    policy = "default-src 'self'; Frame-Ancestors *"
    assert fault_of(policy) is None
    assert fault_of(policy, reserved={"frame-ancestors": "ANCESTORS"}) == (
        "directive 2 belongs in ANCESTORS."
    )
