"""The accounts of the tests."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from unittest.mock import patch

from streamlit_persistauth import Authenticator
from streamlit_persistauth.models import NOBODY
from streamlit_persistauth.wiring.services import AppConfig, services_for


@dataclass(frozen=True)
class Account:
    """What a user types to register and to sign in."""

    full_name: str
    email: str
    password: str

    def register(self, settings: Mapping[str, str]) -> None:
        """Create the account through the library, in the database that the settings name."""
        with patch.dict(os.environ, settings):
            Authenticator().register(self.email, self.password, full_name=self.full_name)

    def credential(self, settings: Mapping[str, str]) -> str:
        """Begin a session in that database; return the credential that a browser would keep."""
        with patch.dict(os.environ, settings):
            services = services_for(AppConfig())
            owner = services.accounts.find(self.email)
            assert owner is not None
            session = services.sessions.start(owner, remember=True, client=NOBODY)
            return services.sessions.issue(session.id).text


ADA = Account("Ada Lovelace", "ada@example.com", "plum-Kettle-93-orbit")
BOB = Account("Bob Crane", "bob@example.com", "river-Anvil-27-mosaic")
