"""Creates the virtual environment of the libraries that we compare with.

It is separate from ours, since they pin versions that would change ours. Common dependencies have
the same version in both.
"""

import json
import subprocess
import venv
from collections.abc import Mapping
from pathlib import Path

NAME, VERSION = "streamlit-authenticator", "0.4.2"
INSTALL_SECONDS = 900
ASK_SECONDS = 60
QUESTION = """
import json
from importlib.metadata import distributions
print(json.dumps({d.metadata["Name"].lower(): d.version for d in distributions()}))
"""


def peer_python(folder: Path, wanted: Mapping[str, str]) -> str:
    """Return the interpreter of the environment, which is created if it is missing.

    Args:
        folder: The folder of the environment. An incomplete environment, or one with other
            versions, is completed.
        wanted: The required versions by package.

    Raises:
        SystemExit: The packages could not be installed.
    """
    python = folder.resolve() / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    if not wanted.items() <= _installed(python).items():
        _install(python, [f"{name}=={number}" for name, number in wanted.items()])
    return str(python)


def _installed(python: Path) -> dict[str, str]:
    """Return the versions of the packages in an environment; empty if it is broken."""
    answer = subprocess.run(
        [python, "-c", QUESTION], capture_output=True, text=True, timeout=ASK_SECONDS, check=False
    )
    if answer.returncode:
        return {}
    versions: dict[str, str] = json.loads(answer.stdout)
    return versions


def _install(python: Path, packages: list[str]) -> None:
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        subprocess.run([*pip, *packages], timeout=INSTALL_SECONDS, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        names = ", ".join(packages)
        raise SystemExit(f"{names} could not be installed; try --no-peer") from error
