"""Pauses of garbage collection."""

import gc
import weakref
from threading import Event

import pytest
import streamlit as st
from tests.support import scripts
from tests.support.page import Page

from streamlit_persistauth.runtime.gc_pauses import (
    freeze_program,
    postpone_collection,
    resume_collections,
    skip_next_collection,
)


def test_program_is_settled() -> None:
    """Objects that are alive while a server loads its app are excluded from later collections."""
    gc.unfreeze()
    freeze_program()
    assert gc.get_freeze_count() > 10_000
    gc.unfreeze()


def test_nothing_of_a_run_is_settled() -> None:
    """In a script run nothing is frozen, because the objects of the run must stay collectable."""
    gc.unfreeze()
    page = Page(scripts.settling)
    assert page.texts == ["0"]


def test_collection_before_an_answer_is_spared() -> None:
    """A form's second run doesn't wait for a collection; later ones examine all objects."""
    gc.unfreeze()
    skip_next_collection()
    spared = gc.get_freeze_count()
    resume_collections()
    assert spared > 10_000
    assert gc.get_freeze_count() == 0


def test_collection_after_a_page_opened_comes_later() -> None:
    """A postponed collection happens without another run, and frees the garbage."""
    gc.unfreeze()
    garbage = Page.__new__(Page)
    garbage.itself = garbage  # type: ignore[attr-defined]
    gone = weakref.ref(garbage)
    collected = Event()
    weakref.finalize(garbage, collected.set)
    del garbage
    postpone_collection()
    assert gc.get_freeze_count() > 10_000
    assert collected.wait(10)
    assert gone() is None
    assert gc.get_freeze_count() == 0


def test_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """If Streamlit's collections are switched off, nothing is postponed."""
    gc.unfreeze()
    monkeypatch.setattr(st, "get_option", lambda name: name != "runner.postScriptGC")
    postpone_collection()
    assert gc.get_freeze_count() == 0


def test_settled_program_stays_settled() -> None:
    """If the program is frozen, no collection is skipped, and the program stays frozen."""
    gc.unfreeze()
    freeze_program()
    skip_next_collection()
    postpone_collection()
    resume_collections()
    settled = gc.get_freeze_count()
    gc.unfreeze()
    assert settled > 10_000
