"""Install the built wheel alone in a new environment and run its demo from an empty folder."""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from demo_server import running_demo


def main(dist: Path) -> None:
    """Try the one wheel in a folder."""
    wheel = next(dist.glob("*.whl")).resolve()
    with tempfile.TemporaryDirectory() as folder:
        bin_path = install(wheel, Path(folder) / "venv")
        empty = Path(folder) / "empty"
        empty.mkdir()
        run([str(bin_path / "python"), "-c", "from streamlit_persistauth import *"], empty)
        run([str(bin_path / "persistauth"), "--version"], empty)
        with running_demo(bin_path, empty) as demo:
            print(f"{wheel.name}: installed alone, its demo answers for {demo.email}")


def install(wheel: Path, path: Path) -> Path:
    """Make an environment with nothing but the wheel and what it asks for."""
    venv.create(path, with_pip=True)
    run([str(path / "bin" / "python"), "-m", "pip", "install", "--quiet", str(wheel)], path)
    return path / "bin"


def run(command: list[str], folder: Path) -> None:
    """Run a command that has to succeed."""
    subprocess.run(command, cwd=folder, check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
