"""What there is to see: each form and panel, where it is, and what to type into it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from playwright.sync_api import Locator, Page
from tests.support.arabic import LABELS as ARABIC
from tests.support.server import ROOT, AppServer

from streamlit_persistauth.cli.demo_data import fill
from streamlit_persistauth.wiring.services import AppConfig, Services, services_for

EMAIL = "robin@example.com"
PASSWORD = "plum-Kettle-93-orbit"
OTHER = "river-Anvil-27-mosaic"


@dataclass(frozen=True)
class Subject:
    """A form or a panel.

    Attributes:
        query: Where the gallery shows it.
        typed: What to type, by label; nothing for what is not to be filled in.
        button: What to press then, so that it is refused.
        signed_in: Whether somebody has to be.
        opens: Whether the button opens something instead, as a menu does.
    """

    query: str
    typed: Mapping[str, str] = field(default_factory=dict)
    button: str = ""
    signed_in: bool = False
    opens: bool = False


def subjects(services: Services) -> dict[str, Subject]:
    """Return everything there is to see, by its name."""
    new = {"New password": OTHER, "Confirm new password": "another one"}
    chosen = {"Password": OTHER, "Confirm password": "another one"}
    return {
        "login": Subject("show=login", {"Email": EMAIL, "Password": "a wrong one"}, "Sign in"),
        "register": Subject(
            "show=register",
            {"Full name": "Ada Lovelace", "Email": "ada@example.org", **chosen},
            "Create account",
        ),
        "arabic": Subject(
            "show=arabic",
            {ARABIC["Email"]: "ada@example.com", ARABIC["Password"]: "a wrong one"},
            ARABIC["Sign in"],
        ),
        "forgot": Subject("show=forgot", {"Email": " "}, "Send reset link"),
        "reset": Subject(_reset(services), new, "Set new password"),
        "invitation": Subject(_invitation(services), chosen, "Create account"),
        "proof": Subject(
            "show=proof", {"Current password": "a wrong one"}, "Continue", signed_in=True
        ),
        "change_password": Subject(
            "show=change_password",
            {
                "Current password": "a wrong one",
                "New password": OTHER,
                "Confirm new password": OTHER,
            },
            "Change password",
            signed_in=True,
        ),
        "change_email": Subject(
            "show=change_email",
            {"New email": "robin@example", "Current password": PASSWORD},
            "Change email",
            signed_in=True,
        ),
        "account": Subject(
            "show=account", {"Full name": "Robin " * 40}, "Change name", signed_in=True
        ),
        "menu": Subject("show=user_menu", button="Robin Rivers", signed_in=True, opens=True),
        "devices": Subject("show=devices", button="Sign out", signed_in=True),
        "admin_users": Subject("show=admin", button="Invite user", signed_in=True, opens=True),
        **{
            f"admin_{section.split()[-1].lower()}": Subject(
                "show=admin", button=section, signed_in=True, opens=True
            )
            for section in ("Active sessions", "Events", "Charts")
        },
    }


TURNED = {
    "arabic_menu": Subject("show=arabic_menu", button="Robin Rivers", signed_in=True, opens=True),
    "arabic_devices": Subject("show=arabic_devices", button=ARABIC["Sign out"], signed_in=True),
    "arabic_account": Subject("show=arabic_account", button=ARABIC["Change name"], signed_in=True),
    "arabic_admin": Subject(
        "show=arabic_admin", button=ARABIC["Manage"], signed_in=True, opens=True
    ),
}
"""Panels whose words run from right to left."""


def pressable(page: Page, name: str) -> Locator:
    """Find what is pressed: a button, or a piece of a segmented control."""
    piece = page.get_by_role("radio", name=name, exact=True)
    return page.get_by_role("button", name=name, exact=True).or_(piece).first


def _reset(services: Services) -> str:
    return f"persistauth_reset={services.resets.create(EMAIL)}"


def _invitation(services: Services) -> str:
    token = services.invitations.create("sam@example.com", full_name="Sam Rivera")
    return f"persistauth_invitation={token}"


@contextmanager
def gallery(home: Path, **more: str) -> Iterator[tuple[AppServer, dict[str, Subject]]]:
    """Serve the gallery with a team and more settings, and say what is to be seen there."""
    settings = {
        "PERSISTAUTH_REGISTRATION": "open",
        "PERSISTAUTH_APP_NAME": "City Bikes",
        "PERSISTAUTH_SMTP_URL": "smtp://127.0.0.1:9",
        "PERSISTAUTH_MAIL_FROM": "app@example.com",
        "PERSISTAUTH_PUBLIC_URL": "https://app.example.com",
        **more,
    }
    server = AppServer(ROOT / "tests" / "apps" / "gallery.py", home, settings)
    with patch.dict(os.environ, server.settings):
        services = services_for(AppConfig())
        fill(services)
        services.accounts.register(EMAIL, PASSWORD, full_name="Robin Rivers", roles=("admin",))
        shown = subjects(services)
    server.start()
    try:
        yield server, shown
    finally:
        server.stop()
