"""`persistauth doctor`."""

import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from streamlit_persistauth.cli.options import database_option_with, examples, reporting
from streamlit_persistauth.cli.report import REFUSED, Report, paragraph
from streamlit_persistauth.doctor.examination import examine
from streamlit_persistauth.doctor.finding import Finding, Severity
from streamlit_persistauth.doctor.lifetime import describe_lifetime
from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.settings import read_settings

MAIN_FILES: Final = ("streamlit_app.py", "app.py", "main.py")
"""Usual names of an app's main file."""
COLOURS: Final = {
    Severity.ERROR: "red",
    Severity.WARNING: "yellow",
    Severity.NOTE: "cyan",
}


@click.command(
    epilog=examples(
        "persistauth doctor app.py", "persistauth doctor app.py --strict --json > doctor.json"
    )
)
@click.argument("app", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@database_option_with("The database; by default that of the app.")
@click.option("--strict", is_flag=True, help="Fail on warnings too, for pipelines.")
@reporting
def doctor(report: Report, *, app: Path | None, database: str | None, strict: bool) -> None:
    """Examine a deployment: key, database, clock, cookies, pages.

    Run it where the app runs, with the same environment. APP is the app's main file, which is read
    and not run; by default streamlit_app.py, app.py or main.py.

    The exit status is 1 if there are errors, and with --strict also if there are warnings.
    """
    main_file = app or next((path for path in map(Path, MAIN_FILES) if path.is_file()), None)
    order = list(Severity)
    findings = sorted(
        examine(main_file, database=database), key=lambda it: order.index(it.severity)
    )
    counts = Counter(finding.severity for finding in findings)
    fails = counts[Severity.ERROR] > 0 or (strict and counts[Severity.WARNING] > 0)
    lifetime = _lifetime()
    facts = {
        "app": str(main_file) if main_file else None,
        "ok": not fails,
        "lifetime": lifetime,
        "findings": [asdict(finding) for finding in findings],
    }
    report.show(facts)
    if not report.as_json:
        _show(report, main_file, findings, counts, lifetime)
    sys.exit(REFUSED if fails else 0)


def _lifetime() -> str | None:
    """Return how long a sign-in lasts; None if a finding names a malformed setting."""
    try:
        return describe_lifetime(read_settings())
    except ConfigError:
        return None


def _show(
    report: Report,
    main_file: Path | None,
    findings: list[Finding],
    counts: Counter[Severity],
    lifetime: str | None,
) -> None:
    """Print the findings as text."""
    if main_file is None:
        report.say("Found no app.py here, so no source was read. Try persistauth doctor APP.py.\n")
    for finding in findings:
        where = f"  {finding.place}" if finding.place else ""
        head = click.style(
            f"{finding.severity.value}  {finding.code}", fg=COLOURS[finding.severity]
        )
        click.echo(head, nl=False)
        report.say(f"{where}\n{paragraph(finding.message)}\n{paragraph(finding.remedy, '→ ')}\n")
    if lifetime is not None:
        report.say(f"{lifetime}\n")
    report.say(", ".join(_count(counts[severity], severity.value) for severity in Severity) + ".")


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
