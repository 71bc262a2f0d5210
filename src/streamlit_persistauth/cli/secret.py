"""`persistauth secret`."""

import click

from streamlit_persistauth.core.keys import generate_key


@click.command()
def secret() -> None:
    """Print a new signing key, to be set as JWT_SECRET_KEY."""
    click.echo(generate_key())
