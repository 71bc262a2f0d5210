"""`persistauth secret`."""

import click

from streamlit_persistauth.cli.options import examples, reporting
from streamlit_persistauth.cli.report import Report
from streamlit_persistauth.core.sessions.key_strength import generate_key


@click.command(epilog=examples('echo "JWT_SECRET_KEY=$(persistauth secret)" >> .env'))
@reporting
def secret(report: Report) -> None:
    """Print a new signing key for JWT_SECRET_KEY."""
    key = generate_key()
    report.say(key, key=key)
