import gc

from tests.support import scripts
from tests.support.page import Page

from streamlit_persistauth.run import settle_program


def test_program_is_settled() -> None:
    """What is alive while a server loads its app is left out of later collections."""
    gc.unfreeze()
    settle_program()
    assert gc.get_freeze_count() > 10_000
    gc.unfreeze()


def test_nothing_of_a_run_is_settled() -> None:
    """In a script run nothing is: its own objects are to be freed one day."""
    gc.unfreeze()
    page = Page(scripts.settling)
    assert page.texts == ["0"]
