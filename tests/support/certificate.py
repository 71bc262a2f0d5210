"""A self-signed certificate."""

import subprocess
from pathlib import Path

COMMAND = (
    "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost "
    "-keyout key.pem -out cert.pem"
)


def make_certificate(home: Path) -> tuple[Path, Path]:
    """Make one in this folder; return the files of the certificate and of its key."""
    subprocess.run(COMMAND.split(), cwd=home, check=True, capture_output=True)
    return home / "cert.pem", home / "key.pem"
