"""Files made by streamlit-authenticator, installed in a folder of its own because of its pins."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGES = ["streamlit-authenticator==0.4.2", "captcha>=0.7", "extra-streamlit-components>=0.1.81"]
"""With what of its dependencies we don't have anyway."""
INSTALL_SECONDS = 180
MAKE_SECONDS = 120
SCRIPT = """
import sys
import yaml
from streamlit_authenticator import Authenticate

path, secret = sys.argv[1], "k" * 32
users = {
    "ada": {
        "email": "Ada@example.com",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "password": "plum-Kettle-93-orbit",
        "roles": ["editor", "admin"],
    }
}
with open(path, "w") as file:
    cookie = {"name": "cookie", "key": secret, "expiry_days": 30}
    yaml.safe_dump({"cookie": cookie, "credentials": {"usernames": users}}, file)
peer = Authenticate(path, "cookie", secret, 30)  # hashes the password, and writes the file anew
peer.authentication_controller.authentication_model._register_credentials(
    "grace", "Grace", "Hopper", "nanosecond-wire-11", "grace@example.com", "", ["viewer"]
)
"""


def make_config(path: Path, folder: Path) -> None:
    """Let streamlit-authenticator write a file with two users, one of whom registered.

    Args:
        path: Of the file.
        folder: Where the library is, or is to be installed.
    """
    if not (folder / "streamlit_authenticator").is_dir():
        _install(folder)
    subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path)],
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        timeout=MAKE_SECONDS,
        check=True,
    )


def _install(folder: Path) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder)]
    try:
        subprocess.run([*pip, *PACKAGES], capture_output=True, timeout=INSTALL_SECONDS, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        missing = f"{PACKAGES[0]} could not be installed"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(missing, pytrace=False)
        pytest.skip(missing)
