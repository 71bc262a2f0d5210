"""`persistauth setup-code`."""

import click

from streamlit_persistauth.cli.options import database_option, examples, reporting
from streamlit_persistauth.cli.report import Moment, Refused, Report
from streamlit_persistauth.errors import RegistrationClosed
from streamlit_persistauth.wiring.services import AppConfig, services_for


@click.command("setup-code", epilog=examples("persistauth setup-code"))
@database_option
@reporting
def setup_code(report: Report, *, database: str | None) -> None:
    """Print a code with which a visitor can create the first account on the page.

    The account becomes administrator. The code is valid for an hour, until an account exists.
    """
    services = services_for(AppConfig(database))
    if services.settings.registration != "first":
        raise Refused("not_first", "PERSISTAUTH_REGISTRATION is not `first`: no code is needed.")
    if services.settings.token_store_url == "memory://":  # noqa: S105 - a URL
        raise Refused(
            "in_memory", "Codes are in the memory of the app, which prints one in its log."
        )
    try:
        code = services.setup_codes.create()
    except RegistrationClosed:
        raise Refused("has_accounts", "There is an account already: no code is needed.") from None
    report.show(
        {"code": code.text, "expires_at": code.expires_at},
        code.text,
        f"Valid until {Moment(code.expires_at)} UTC, for the first account.",
    )
