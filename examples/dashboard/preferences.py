"""Preferences: how one user wants to see the backlog. They last as long as the browser tab."""

from dataclasses import dataclass

import streamlit as st
from alerts import RULES

from streamlit_persistauth import User

ROW_HEIGHTS = {"Compact": 28, "Standard": 36, "Spacious": 48}  # pixels


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the settings page changes and the other pages read."""

    density: str = "Standard"
    areas: tuple[str, ...] = ()
    alerts: tuple[str, ...] = tuple(RULES)


def load(user: User) -> Preferences:
    """Return the user's preferences, or the defaults."""
    stored = st.session_state.get(_key(user))
    return stored if isinstance(stored, Preferences) else Preferences()


def save(user: User, preferences: Preferences) -> None:
    """Keep the user's preferences."""
    st.session_state[_key(user)] = preferences


def _key(user: User) -> str:
    # A key per user: the next user of this tab must not inherit anything.
    return f"preferences:{user.id}"
