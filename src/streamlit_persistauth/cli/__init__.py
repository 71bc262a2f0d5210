"""The command `persistauth`."""

import logging

import click

from streamlit_persistauth.cli.demo import demo
from streamlit_persistauth.cli.doctor import doctor
from streamlit_persistauth.cli.events import events
from streamlit_persistauth.cli.imports import import_
from streamlit_persistauth.cli.init_db import init_db
from streamlit_persistauth.cli.purge import purge
from streamlit_persistauth.cli.schema import schema
from streamlit_persistauth.cli.secret import secret
from streamlit_persistauth.cli.sessions import sessions
from streamlit_persistauth.cli.settings import settings
from streamlit_persistauth.cli.setup_code import setup_code
from streamlit_persistauth.cli.stats import stats
from streamlit_persistauth.cli.users import users

CONTEXT = {"help_option_names": ["-h", "--help"]}


@click.group(context_settings=CONTEXT)
@click.version_option(package_name="streamlit-persistauth")
def main() -> None:
    """Manage the accounts of a Streamlit app."""
    logging.basicConfig(format="%(levelname)s: %(message)s")


for command in (
    demo,
    init_db,
    schema,
    secret,
    setup_code,
    users,
    sessions,
    events,
    stats,
    purge,
    settings,
    doctor,
    import_,
):
    main.add_command(command)
