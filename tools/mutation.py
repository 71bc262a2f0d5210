"""Run mutation tests of the core, and report the mutants that no test detects.

Prints a table for docs/explanation/mutation.md, and the changes that survived.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("src", "tests", "pyproject.toml", "README.md", "LICENSE")
PACKAGE = "streamlit_persistauth.core."


def main() -> None:
    """Run mutmut on a copy of the project with the published test vectors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / ".mutation")
    folder = parser.parse_args().folder
    copy = folder / "main"
    copy_project(copy)
    mutmut = str(Path(sys.executable).with_name("mutmut"))
    subprocess.run([mutmut, "run", "--max-children", "2"], cwd=copy, check=True)
    outcomes = read_outcomes(copy)
    print_table(outcomes)
    for name in sorted(name for name, survived in outcomes.items() if survived):
        shown = subprocess.run(
            [mutmut, "show", name], cwd=copy, check=True, capture_output=True, text=True
        )
        print(f"\n{name.removeprefix(PACKAGE)}\n{changed_lines(shown.stdout)}")


def copy_project(copy: Path) -> None:
    """Copy the files that the tests need, and link the folder of test vectors."""
    shutil.rmtree(copy.parent, ignore_errors=True)
    copy.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy / name)
    vectors = ROOT.parent / "shared"
    if vectors.is_dir():
        (copy.parent / "shared").symlink_to(vectors)


def read_outcomes(copy: Path) -> dict[str, bool]:
    """Return for each mutant whether it survived."""
    outcomes: dict[str, bool] = {}
    for path in copy.rglob("mutants/src/**/*.meta"):
        codes = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
        outcomes |= {name: code == 0 for name, code in codes.items()}
    return outcomes


def print_table(outcomes: dict[str, bool]) -> None:
    """Print how many mutants of each module were detected."""
    modules = Counter(module_of(name) for name in outcomes)
    survived = Counter(module_of(name) for name, alive in outcomes.items() if alive)
    print("\n| module | mutants | noticed | score |\n|---|---:|---:|---:|")
    for module, count in [*sorted(modules.items()), ("all", modules.total())]:
        left = survived.total() if module == "all" else survived[module]
        print(f"| {module} | {count} | {count - left} | {100 * (count - left) / count:.1f} % |")


def module_of(name: str) -> str:
    """Return the module of a mutant."""
    return name.removeprefix(PACKAGE).partition(".")[0]


def changed_lines(diff: str) -> str:
    """Return the changed lines of a diff."""
    lines = [line for line in diff.splitlines() if line[:1] in {"+", "-"}]
    return "\n".join(line for line in lines if line[:3] not in {"+++", "---"})


if __name__ == "__main__":
    main()
