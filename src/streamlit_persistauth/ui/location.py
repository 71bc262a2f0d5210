"""Where on the page a form or a panel goes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from streamlit_persistauth.core.arguments import is_encodable
from streamlit_persistauth.errors import InvalidArgument
from streamlit_persistauth.ui.direction import directed
from streamlit_persistauth.ui.translator import Translator

Location = Literal["main", "sidebar"] | DeltaGenerator


@contextmanager
def place(location: Location, t: Translator, key: str) -> Iterator[None]:
    """Draw the block at a location, in the direction of its texts.

    Args:
        location: `"main"`, `"sidebar"` or a container.
        t: The texts.
        key: Prefix of the container keys.

    Raises:
        InvalidArgument: The location is none of these, or the key can't be encoded as UTF-8.
    """
    if not is_encodable(key):
        raise InvalidArgument("key", "a text is expected that UTF-8 can encode.")
    with _container(location), directed(t, key):
        yield


def _container(location: Location) -> DeltaGenerator:
    if location == "sidebar":
        return st.sidebar.container()
    if location == "main":
        return st.container()
    if not isinstance(location, DeltaGenerator):
        raise InvalidArgument("location", '"main", "sidebar" or a container is expected.')
    return location
