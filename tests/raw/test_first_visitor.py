"""The first visitor after a start, who opens a page by its address."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.raw.conftest import Cases, serve, signed_in
from tests.support.raw import Page, opened, rerun


def visitor(app: Cases, name: str) -> Page:
    """Open a page at its address."""
    with opened(app.url) as client:
        message = rerun()
        message.rerun_script.page_name = name
        client.send(message)
        return client.wait()


@pytest.fixture
def listed(tmp_path: Path) -> Iterator[Cases]:
    """An app that lists its pages with `st.navigation`, in a folder named `pages`."""
    yield from serve("listed/app", tmp_path)


@pytest.fixture
def classic(tmp_path: Path) -> Iterator[Cases]:
    """An app that has such a folder, and does not."""
    yield from serve("classic/app", tmp_path)


def test_listed_page(listed: Cases) -> None:
    """A page that the entry script guards does not run without it, even for the first visitor."""
    page = visitor(listed, "secret")
    assert "Sign in" in page.buttons
    assert listed.witnessed() == []
    with opened(listed.url) as client:
        signed_in(client)
        client.run(page=client.pages["secret"])
    assert listed.witnessed()[-1] == "secret"


def test_classic_page(classic: Cases) -> None:
    """If the entry script lists no pages, Streamlit continues to serve the folder."""
    assert "Sign in" in visitor(classic, "inside").buttons
    assert "for everybody" in visitor(classic, "").texts
    assert classic.witnessed() == []
