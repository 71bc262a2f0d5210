"""Run the tests on the lowest versions of the dependencies that pyproject.toml allows."""

import argparse
import re
import subprocess
import sys
import venv
from pathlib import Path

import tomllib

ROOT = Path(__file__).resolve().parents[1]
COMPANIONS = ["starlette==1.3.1"]
"""Versions that the lowest Streamlit needs but does not pin. It fails on Starlette 1.10."""
JOURNEYS = "test_persistent or test_httponly or test_logout or test_revocation"
"""The browser tests that are run here."""
PIN = re.compile(r"^([A-Za-z0-9_.-]+(?:\[[a-z]+\])?)>=([0-9.]+)$")


def main() -> None:
    """Create the environment if it is missing, and run pytest in it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--venv", default=".venv-floor")
    parser.add_argument("--print", action="store_true", help="print the versions, and no more")
    options, pytest_arguments = parser.parse_known_args()
    if options.print:
        print("\n".join([*pins(), *COMPANIONS]))
        return
    path = ROOT / options.venv
    if not (path / "bin" / "python").exists():
        venv.create(path, with_pip=True)
    python = str(path / "bin" / "python")
    install(python, "--editable", ".", "--group", "test", *pins(), *COMPANIONS)
    pytest = [python, "-m", "pytest", "-n", "2", *pytest_arguments]
    browser = ["tests/browser", "-m", "not slow", "-k", JOURNEYS]
    for selection in (["-m", "not browser and not runner and not slow"], browser):
        subprocess.run([*pytest, *selection], cwd=ROOT, check=True)


def install(python: str, *requirements: str) -> None:
    """Install into an environment, with uv if the running Python has it, which is faster."""
    uv = Path(sys.executable).with_name("uv")
    if uv.exists():
        command = [str(uv), "pip", "install", "--quiet", "--python", python, *requirements]
        if subprocess.run(command, cwd=ROOT, check=False).returncode == 0:
            return
    pip = [python, "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "--upgrade", "pip>=25.1"], cwd=ROOT, check=True)
    subprocess.run([*pip, *requirements], cwd=ROOT, check=True)


def pins() -> list[str]:
    """Return each runtime dependency, optional ones too, pinned to the lowest version allowed.

    Raises:
        SystemExit: One has no lowest version.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    optional = [item for name, items in extras.items() if name != "all" for item in items]
    matches = [PIN.match(requirement) for requirement in (*project["dependencies"], *optional)]
    if not all(matches):
        raise SystemExit("every dependency needs a lowest version")
    return [f"{match[1]}=={match[2]}" for match in matches if match]


if __name__ == "__main__":
    main()
