"""Check that a tag, the version and the changelog agree, before a release is published."""

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VERSION = re.compile(r'^__version__ = "([^"]+)"$', re.MULTILINE)
SECTION = re.compile(r"^## \[(?P<name>[^\]]+)\](?: - (?P<day>\d{4}-\d\d-\d\d))?$", re.MULTILINE)
SECURITY = "- Security:"


def main() -> None:
    """Compare them, and print the differences."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tag", help="such as v1.2.3")
    tag = parser.parse_args().tag
    source = (ROOT / "src/streamlit_persistauth/__init__.py").read_text(encoding="utf-8")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    faults = list(find_faults(tag, source, changelog))
    if faults:
        sys.exit("\n".join(faults))
    print(f"{tag}: the version and the changelog agree")


def find_faults(tag: str, source: str, changelog: str) -> list[str]:
    """Return the differences.

    Args:
        tag: The tag of the release.
        source: The text of the package's `__init__.py`.
        changelog: The text of the changelog.
    """
    version = VERSION.search(source)
    faults = [] if version and f"v{version[1]}" == tag else [f"{tag} is not the source's version"]
    sections = {found["name"]: found["day"] for found in SECTION.finditer(changelog)}
    if sections.get(tag.removeprefix("v")) is None:
        faults.append(f"the changelog has no dated section for {tag}")
    return [*faults, *misplaced_security(changelog)]


def misplaced_security(changelog: str) -> list[str]:
    """Return the security lines of a changelog that are not first in their section."""
    faults = []
    others = False
    for line in changelog.splitlines():
        if line.startswith("#"):
            others = False
        elif line.startswith(SECURITY) and others:
            faults.append(f"a security line is below others: {line}")
        elif line.startswith("- "):
            others = others or not line.startswith(SECURITY)
    return faults


if __name__ == "__main__":
    main()
