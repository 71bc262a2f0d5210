"""Releases: versions, the changelog, and workflows with pinned actions."""

import re
import runpy

import pytest
import yaml
from tests.support.server import ROOT

RELEASE = runpy.run_path(str(ROOT / "tools" / "check_release.py"))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+$")
CHANGELOG = "## [Unreleased]\n\n## [1.2.3] - 2026-01-02\n\n### Added\n\n- Security: a\n- b\n"


@pytest.mark.parametrize(
    ("tag", "changelog", "faults"),
    [
        ("v1.2.3", CHANGELOG, 0),
        ("v1.2.4", CHANGELOG, 2),
        ("1.2.3", CHANGELOG, 1),
        ("v1.2.3", CHANGELOG.replace(" - 2026-01-02", ""), 1),
        ("v1.2.3", CHANGELOG + "- Security: c\n", 1),
    ],
)
def test_agreement(tag: str, changelog: str, faults: int) -> None:
    """A tag is released if it agrees with version and changelog, with security lines first."""
    assert len(RELEASE["find_faults"](tag, '__version__ = "1.2.3"', changelog)) == faults


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflow(path: object) -> None:
    """Every action is pinned by its hash, and every job names its permissions."""
    text = (ROOT / str(path)).read_text(encoding="utf-8")
    used = [line for line in text.splitlines() if "uses:" in line]
    assert used
    assert all(PINNED.search(line) for line in used)
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert set(job["permissions"]) <= {"contents", "id-token"}
        assert job["permissions"].get("contents", "read") == "read"
        checkouts = [step for step in job["steps"] if "checkout" in step.get("uses", "")]
        assert all(step["with"] == {"persist-credentials": False} for step in checkouts)


def test_one_version() -> None:
    """The version is in one place."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'dynamic = ["version"]' in project
    assert re.search(r'^version = "', project, re.MULTILINE) is None
