"""The admin panel's section with numbers and charts."""

from collections import Counter
from datetime import timedelta
from typing import Final

import streamlit as st

from streamlit_persistauth.core.audit.events import EventType
from streamlit_persistauth.core.storage.queries import UserQuery
from streamlit_persistauth.models import Session
from streamlit_persistauth.ui.charts import BAD, LIVE, draw_days, draw_ranking, load_charts
from streamlit_persistauth.ui.device_list import device_text
from streamlit_persistauth.ui.numbers import grouped
from streamlit_persistauth.ui.plain_text import one_line
from streamlit_persistauth.ui.small_print import draw_small
from streamlit_persistauth.ui.translator import Translator
from streamlit_persistauth.views.admin_sessions import count_sessions
from streamlit_persistauth.views.panel import Panel
from streamlit_persistauth.wiring.services import Services

CHART_PERIOD: Final = timedelta(days=30)
ADDRESS_LIMIT: Final = 10_000
"""The maximum number of IP addresses that are counted."""
MAX_BARS: Final = 10


def draw_charts(panel: Panel, _session: Session, _key: str) -> None:
    """Draw the section.

    Raises:
        StoreError: The numbers could not be read.
    """
    load_charts()
    services, t = panel.services, panel.t
    now = services.clock()
    first = (now - CHART_PERIOD).replace(hour=0, minute=0, second=0, microsecond=0)
    users = services.user_admin.find(UserQuery(limit=1)).total
    days = services.event_log.per_day((EventType.LOGIN.value, EventType.LOGIN_FAILED.value), first)
    devices = count_devices(services, t)
    throttled = services.event_log.per_address(
        [EventType.THROTTLED.value], first, limit=ADDRESS_LIMIT
    )
    numbers = (
        (t("Users"), users),
        (t("Active sessions"), count_sessions(services)),
        (t("Throttled IP addresses"), len(throttled)),
    )
    with st.container(horizontal=True):
        for label, value in numbers:
            st.metric(label, grouped(value), border=True)
    st.markdown(f"**{t('Sign-ins in the last 30 days')}**")
    draw_days(days, first.date(), now.date(), t)
    st.markdown(f"**{t('Active sessions by device')}**")
    draw_ranking(devices, title=t.text("Devices"), color=LIVE, t=t)
    st.markdown(f"**{t('Most throttled IP addresses')}**")
    if throttled:
        most = [(one_line(item.ip_address), item.count) for item in throttled[:MAX_BARS]]
        draw_ranking(most, title=t.text("IP address"), color=BAD, t=t)
    else:
        draw_small(t("No IP addresses were throttled."))


def count_devices(services: Services, t: Translator) -> list[tuple[str, int]]:
    """Return the most common devices of the sessions, each with its number of sessions."""
    counts: Counter[str] = Counter()
    for device, number in services.session_queries.live_per_device().items():
        counts[device_text(device, t)] += number
    return counts.most_common(MAX_BARS)
