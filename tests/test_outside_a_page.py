"""Calls of an Authenticator outside a page."""

import inspect
import os
import subprocess
import sys
from pathlib import Path

from tests.support.server import ROOT

from streamlit_persistauth import Authenticator
from streamlit_persistauth.core.sessions.key_strength import generate_key

ARGUMENTS = {
    "register": "'ada@example.com', 'correct horse 12'",
    "login": "'ada@example.com', 'correct horse 12'",
    "create_password_reset_token": "'ada@example.com'",
    "reset_password": "'token', 'correct horse 12'",
    "invite": "'bob@example.com'",
    "navigation": "['page.py']",
    "has_role": "'admin'",
    "logout_user": "'id'",
    "revoke_session": "'id'",
    "verify": "'credential'",
    "user_of": "{}",
}
"""What the members that need arguments are called with."""
PROGRAM = """
import logging
import sys
from streamlit_persistauth import Authenticator
from streamlit_persistauth.errors import InvalidLink, InvalidToken, SignInRequired

logging.getLogger("streamlit_persistauth").setLevel("ERROR")  # refusals are events
auth = Authenticator()
for call in sys.argv[1:]:
    try:
        eval(call)
    except (InvalidLink, InvalidToken, SignInRequired):
        pass
print("done")
"""


def calls() -> list[str]:
    """Return a call of each public member, beginning with the one that makes the account."""
    found = []
    for name, member in inspect.getmembers(Authenticator):
        if name.startswith("_"):
            continue
        is_method = inspect.isfunction(member)
        found.append(f"auth.{name}({ARGUMENTS.get(name, '')})" if is_method else f"auth.{name}")
    return sorted(found, key=lambda call: not call.startswith("auth.register("))


def test_silent(clean_machine: Path) -> None:
    """No public call outside a page makes Streamlit print a warning."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *calls()],
        capture_output=True,
        text=True,
        check=False,
        cwd=clean_machine,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "JWT_SECRET_KEY": generate_key(),
            "PERSISTAUTH_BCRYPT_ROUNDS": "4",
        },
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")
