"""The command `persistauth`."""

import logging

import click

from streamlit_persistauth.cli.demo import demo
from streamlit_persistauth.cli.init_db import init_db
from streamlit_persistauth.cli.schema import schema
from streamlit_persistauth.cli.secret import secret

CONTEXT = {"help_option_names": ["-h", "--help"]}


@click.group(context_settings=CONTEXT)
@click.version_option(package_name="streamlit-persistauth")
def main() -> None:
    """Accounts for Streamlit apps."""
    logging.basicConfig(format="%(levelname)s: %(message)s")


main.add_command(demo)
main.add_command(init_db)
main.add_command(schema)
main.add_command(secret)
