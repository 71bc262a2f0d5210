"""How many processors a process may use."""

import os
from pathlib import Path

import pytest

from streamlit_persistauth.core.passwords.processors import count_processors


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("max 100000\n", 8),
        ("200000 100000\n", 2),
        ("150000 100000\n", 2),
        ("1000 100000\n", 1),
        ("6400000 100000\n", 8),
        ("0 100000\n", 1),
        ("1 0\n", 8),
        ("nonsense", 8),
        (None, 8),
    ],
)
def test_quota(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, number: int
) -> None:
    """The limit of the container applies if it is lower than the number of processors."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: set(range(8)), raising=False)
    quota = tmp_path / "cpu.max"
    if text is not None:
        quota.write_text(text)
    assert count_processors(quota) == number


def test_without_affinity(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where processes can't be bound to processors, all are counted."""
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert count_processors(tmp_path / "missing") == 6
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert count_processors(tmp_path / "missing") == 1
