"""The invisible place on a page."""

import pytest
from tests.support import scripts
from tests.support.page import Page

from streamlit_persistauth.runtime.hidden_elements import class_of


@pytest.mark.usefixtures("clean_machine")
def test_hidden_in_every_run() -> None:
    """A run that draws nothing in the place hides it, too: an empty container leaves a gap."""
    page = Page(scripts.mirrored)
    rule = f".{class_of('persistauth:hidden:persistauth')} {{display: none}}"
    for _ in range(2):
        styles = [str(item.proto.body) for item in page.run().test.get("html")]
        assert len([style for style in styles if rule in style]) == 1
