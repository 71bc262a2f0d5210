"""The check of the security page fails when a test that it names did not run and pass."""

import runpy
import sys
from pathlib import Path

import pytest
from tests.support.server import ROOT

PAGE = "| threat | protection | `test_a::test_one` `test_b::test_two` `test_m::TestMachine` |"
REPORT = """<testsuites><testsuite>
<testcase classname="tests.x.test_a" name="test_one[plain]"/>
<testcase classname="tests.x.test_b" name="test_two">{outcome}</testcase>
<testcase classname="tests.x.test_m.TestMachine" name="runTest"/>
</testsuite></testsuites>"""


def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *reports: str) -> None:
    """Run the tool on a page and on reports of pytest."""
    main = runpy.run_path(str(ROOT / "tools" / "security_table.py"))["main"]
    (tmp_path / "security.md").write_text(PAGE, encoding="utf-8")
    monkeypatch.setitem(main.__globals__, "PAGE", tmp_path / "security.md")
    paths = [tmp_path / f"{number}.xml" for number in range(len(reports))]
    for path, report in zip(paths, reports, strict=True):
        path.write_text(report, encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["security_table", *map(str, paths)])
    main()


def test_passed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests may be spread over several reports."""
    first, second = REPORT.format(outcome="").split('<testcase classname="tests.x.test_b"')
    check(
        tmp_path,
        monkeypatch,
        f"{first}</testsuite></testsuites>",
        f'<testsuites><testsuite><testcase classname="tests.x.test_b"{second}',
    )


@pytest.mark.parametrize("outcome", ["<failure/>", "<error/>", "<skipped/>"])
def test_not_passed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outcome: str) -> None:
    """A test that failed or was skipped is refused, also if another report has it as passed."""
    with pytest.raises(SystemExit, match="test_b::test_two did not pass"):
        check(tmp_path, monkeypatch, REPORT.format(outcome=""), REPORT.format(outcome=outcome))


def test_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that is in no report is refused."""
    with pytest.raises(SystemExit, match="test_b::test_two did not run"):
        check(tmp_path, monkeypatch, REPORT.format(outcome="").replace("test_two", "test_other"))
