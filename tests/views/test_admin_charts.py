"""The admin panel's charts."""

from tests.views.admin import opened, show

from streamlit_persistauth import User
from streamlit_persistauth.core.audit.events import EventType
from streamlit_persistauth.models import Client
from streamlit_persistauth.ui.translator import Translator
from streamlit_persistauth.views.admin_charts import count_devices
from streamlit_persistauth.wiring.services import Services


def test_live_sessions_by_device(root: User, ada: User, services: Services) -> None:
    """The chart counts sessions by browser and operating system, not by version."""
    for version in ("130", "131"):
        agent = f"Mozilla/5.0 (Windows NT 10.0; rv:{version}.0) Firefox/{version}.0"
        record = services.users.get(ada.id)
        assert record is not None
        services.sessions.start(record, remember=True, client=Client("203.0.113.1", agent))
    page = opened()
    shown = count_devices(services, Translator())
    assert shown == [("Firefox on Windows", 2), ("Unknown device", 1)]
    titles = [item.value for item in show(page, "charts").test.markdown]
    assert "**Active sessions by device**" in titles


def test_throttled_addresses(root: User, services: Services) -> None:
    """All throttled IP addresses are counted, not only those in the chart."""
    for number in range(12):
        services.events.record(EventType.THROTTLED, client=Client(f"203.0.113.{number}"))
    page = show(opened(), "charts")
    counts = {item.label: item.value for item in page.test.metric}
    assert counts["Throttled IP addresses"] == "12"
