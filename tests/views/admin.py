"""The admin panel, as tests open it."""

import re

from tests.support import scripts
from tests.support.page import Page

from streamlit_persistauth.core.storage.queries import EventQuery
from streamlit_persistauth.testing import widget_key
from streamlit_persistauth.wiring.services import Services

ROOT = "root@example.com"
DENIED = "You are not allowed to see this page."


def opened(*, by: str = ROOT) -> Page:
    """Sign in and see the panel."""
    return Page.signed_in(scripts.administration, by)


def managed(email: str) -> Page:
    """Sign in as the administrator and see the dialog of an account."""
    return Page.signed_in(scripts.managing, ROOT, email=email)


def show(page: Page, section: str) -> Page:
    """Choose a section."""
    page.test.button_group(key=widget_key("panel:admin:section")).set_value(section)
    return page.run()


def latest(services: Services) -> tuple[str, str | None, dict[str, str]]:
    """Return the latest event."""
    (event,) = services.event_log.find(EventQuery(limit=1))
    return event.event_type, event.user_id, event.details


def captions(page: Page) -> list[str]:
    """Return the texts in small print."""
    small = re.compile(r":small\[(.*)]")
    return [found[1] for item in page.test.markdown if (found := small.fullmatch(item.value))]
