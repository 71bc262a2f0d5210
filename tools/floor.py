"""Run the tests on the lowest versions of the dependencies that pyproject.toml allows."""

import argparse
import re
import subprocess
import sys
import venv
from pathlib import Path

import tomllib

ROOT = Path(__file__).resolve().parents[1]
PIN = re.compile(r"^([A-Za-z0-9_.-]+)>=([0-9.]+)$")


def main() -> None:
    """Make the environment if it is not there, and run pytest in it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--venv", default=".venv-floor")
    options, pytest_arguments = parser.parse_known_args()
    path = ROOT / options.venv
    if not (path / "bin" / "python").exists():
        venv.create(path, with_pip=True)
    python = str(path / "bin" / "python")
    pip = [python, "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "--upgrade", "pip>=25.1"], cwd=ROOT, check=True)
    subprocess.run([*pip, "--editable", ".", "--group", "test", *pins()], cwd=ROOT, check=True)
    command = [python, "-m", "pytest", "-n", "2", "--dist", "loadgroup", *pytest_arguments]
    sys.exit(subprocess.run(command, cwd=ROOT, check=False).returncode)


def pins() -> list[str]:
    """Return each runtime dependency, pinned to the lowest version allowed.

    Raises:
        SystemExit: One has no lowest version.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    matches = [PIN.match(requirement) for requirement in project["dependencies"]]
    if not all(matches):
        raise SystemExit("every dependency needs a lowest version")
    return [f"{match[1]}=={match[2]}" for match in matches if match]


if __name__ == "__main__":
    main()
