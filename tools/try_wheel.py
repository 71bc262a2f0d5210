"""Test the wheel and the sdist outside of the source tree.

The wheel: by the shell lines and the files of docs/tutorials/quickstart.md as they stand
there, in the environment that they make; then, there, a star import, the version and the demo. The
sdist: it makes the same wheel.
"""

import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from shutil import which
from urllib.request import urlopen

from demo_server import free_port, running_demo, wait_until_healthy
from playwright.sync_api import Response, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
QUICKSTART = ROOT / "docs" / "tutorials" / "quickstart.md"
ASSETS = ROOT / "src" / "streamlit_persistauth" / "assets"
SCRIPT = re.compile(r"/_stcore/bidi-components/streamlit-persistauth\.(\w+)/\1-[0-9a-f]{8}\.js$")
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
INSTALL_SECONDS = 600
"""How long the quickstart's lines may take: they download what the wheel asks for."""
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
IMPORTED = """
import sys
from streamlit_persistauth import *
extras = {"psycopg", "pymysql", "redis"} & set(sys.modules)
assert not extras, extras
"""


def main(dist: Path) -> None:
    """Test the wheel and the sdist in a folder."""
    wheel = next(dist.glob("*.whl")).resolve()
    check_scripts(wheel)
    with tempfile.TemporaryDirectory() as folder:
        try_quickstart(wheel, Path(folder))
        try_alone(wheel, Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        try_sdist(next(dist.glob("*.tar.gz")).resolve(), wheel, Path(folder))


def check_scripts(wheel: Path) -> None:
    """Check that the wheel has the page scripts, named after their content, and their manifest."""
    inside = names_in(wheel)
    wanted = {"streamlit_persistauth/pyproject.toml"}
    wanted |= {f"streamlit_persistauth/assets/{name}" for name in map(hashed_name, scripts())}
    found = {name for name in inside if name.endswith((".js", "pyproject.toml"))}
    if found != wanted:
        sys.exit(f"{wheel.name} has other page scripts: {sorted(found ^ wanted)}")
    print(f"{wheel.name}: has {len(wanted) - 1} page scripts and their manifest")


def scripts() -> list[Path]:
    """Return the page scripts of the source tree."""
    return sorted(ASSETS.glob("*.js"))


def hashed_name(script: Path) -> str:
    """Return the name that a page script has in a wheel."""
    return f"{script.stem}-{sha256(script.read_bytes()).hexdigest()[:8]}.js"


def try_quickstart(wheel: Path, folder: Path) -> None:
    """Follow the quickstart exactly, and check the result in a browser."""
    blocks = FENCE.findall(QUICKSTART.read_text(encoding="utf-8"))
    for code in (code for kind, code in blocks if kind == "python"):
        name = code.partition("\n")[0].removeprefix("# ")
        (folder / name).write_text(code, encoding="utf-8")
    *before, last = [code for kind, code in blocks if kind == "console"]
    (folder / "constraint.txt").write_text(
        f"streamlit-persistauth @ {wheel.as_uri()}\n", encoding="utf-8"
    )
    with served("\n".join(["set -e", *before, f"exec {last}"]), folder) as url:
        heading = first_visit(url)
    if heading != "Welcome, Ada":
        sys.exit(f"the quickstart ends in {heading!r}")
    print(f"{QUICKSTART.name}: its lines end in {heading!r}")


def try_alone(wheel: Path, folder: Path) -> None:
    """Use what the quickstart has installed, which is the wheel and what it asks for."""
    bin_path = folder / ".venv" / "bin"
    empty = folder / "empty"
    empty.mkdir()
    run([str(bin_path / "python"), "-c", IMPORTED], empty)
    run([str(bin_path / "persistauth"), "--version"], empty)
    with running_demo(bin_path, empty) as demo:
        for script in scripts():
            path = f"/_stcore/bidi-components/streamlit-persistauth.{script.stem}"
            with urlopen(f"{demo.url}{path}/{hashed_name(script)}", timeout=20) as answer:  # noqa: S310 - our own
                if "immutable" not in answer.headers["Cache-Control"]:
                    sys.exit(f"browsers would not keep {script.name}")
        print(f"{wheel.name}: installed alone, its demo answers for {demo.email}")


def try_sdist(sdist: Path, wheel: Path, folder: Path) -> None:
    """Build a wheel from the sdist, and compare its files with those of the released wheel."""
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder)]
    run([*pip, str(sdist)], folder)
    made = names_in(next(folder.glob("*.whl")))
    if made != names_in(wheel):
        sys.exit(f"{sdist.name} makes another wheel: {sorted(made ^ names_in(wheel))}")
    print(f"{sdist.name}: makes the same wheel of {len(made)} files")


def names_in(wheel: Path) -> set[str]:
    """Return the names of the files in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@contextmanager
def served(script: str, folder: Path) -> Iterator[str]:
    """Run shell lines that end in a server; yield its address."""
    port = free_port()
    environment = {
        **{key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        "PIP_CONSTRAINT": str(folder / "constraint.txt"),
        "PIP_QUIET": "1",
        "STREAMLIT_SERVER_PORT": str(port),
        "STREAMLIT_SERVER_ADDRESS": "127.0.0.1",
        "STREAMLIT_SERVER_HEADLESS": "true",
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    }
    shell = which("sh") or "/bin/sh"
    with subprocess.Popen([shell, "-c", script], cwd=folder, env=environment) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_healthy(url, process, INSTALL_SECONDS)
            yield url
        finally:
            process.terminate()


def first_visit(url: str) -> str:
    """Make an account, press F5, and return the heading that is there then."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        responses: list[Response] = []
        page.on("response", lambda each: responses.append(each))  # noqa: PLW0108 - as Playwright needs it
        page.goto(url)
        page.get_by_label("Full name").wait_for()
        page.locator('[data-test-script-state="notRunning"]').wait_for()
        page.get_by_label("Full name").fill("Ada")
        page.get_by_label("Email").fill("ada@example.org")
        page.get_by_label("Password", exact=True).fill("plum-Kettle-93-orbit")
        page.get_by_label("Confirm password").fill("plum-Kettle-93-orbit")
        page.get_by_role("button", name="Create account").click()
        page.get_by_role("heading", name="Welcome").wait_for()
        page.reload()
        heading = page.get_by_role("heading").first
        heading.wait_for()
        text = heading.inner_text()
        check_served([each for each in responses if "/bidi-components/" in each.url])
        browser.close()
    return text


def check_served(responses: list[Response]) -> None:
    """Check that the page has loaded our scripts as files, each by a name with a hash."""
    loaded = {response.url for response in responses if response.ok}
    if not loaded or not all(map(SCRIPT.search, loaded)):
        sys.exit(f"the page scripts are not served as files: {sorted(loaded)}")
    print(f"the page has loaded {len(loaded)} scripts as files")


def run(command: list[str], folder: Path) -> None:
    """Run a command that has to succeed."""
    subprocess.run(command, cwd=folder, check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
