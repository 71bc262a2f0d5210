"""Check that every test that docs/explanation/security.md names has run and passed."""

import argparse
import re
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "explanation" / "security.md"
NAMED = re.compile(r"`(test_\w+)::(\w+)`")


def main() -> None:
    """Compare the page with the reports of pytest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reports", nargs="+", type=Path, help="JUnit files of pytest.")
    passed, other = read(parser.parse_args().reports)
    named = set(NAMED.findall(PAGE.read_text(encoding="utf-8")))
    faults = [f"{module}::{name} did not run" for module, name in sorted(named - passed - other)]
    faults += [f"{module}::{name} did not pass" for module, name in sorted(named & other)]
    if faults or not named:
        sys.exit("\n".join([f"{PAGE.name}:", *faults]))
    print(f"{PAGE.name}: each of {len(named)} named tests has run and passed")


def read(reports: list[Path]) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Return the tests that passed, and those that failed or were skipped, by any parameter."""
    passed: set[tuple[str, str]] = set()
    other: set[tuple[str, str]] = set()
    for report in reports:
        for case in ET.parse(report).iter("testcase"):  # noqa: S314 - pytest's own file
            faulty = {child.tag for child in case} & {"failure", "error", "skipped"}
            (other if faulty else passed).add(named(case))
    return passed - other, other


def named(case: ET.Element) -> tuple[str, str]:
    """Return module and name of a test; a state machine of hypothesis is named by its class."""
    module, _, holder = case.get("classname", "").partition(".Test")
    name = case.get("name", "").partition("[")[0]
    return module.rpartition(".")[2], f"Test{holder}" if name == "runTest" else name


if __name__ == "__main__":
    main()
