"""Which cases `make test` runs; the others are marked slow, for `make test-all`."""

from collections.abc import Collection, Iterable
from itertools import product

import pytest

MODES = ("plain", "served")
"""How an app is served: plain `streamlit run`, or `st.App` with HttpOnly cookies."""


def cases(*axes: Iterable[str], quick: Collection[tuple[str, ...]]) -> list[object]:
    """Return every combination of some values, as parameters of a test.

    Args:
        *axes: The values of each parameter.
        quick: The combinations that `make test` runs.
    """
    every = list(product(*axes))
    assert set(quick) <= set(every)
    return [
        pytest.param(*values, marks=() if values in quick else pytest.mark.slow) for values in every
    ]


plain_first = pytest.mark.parametrize("mode", cases(MODES, quick=[("plain",)]))
served_first = pytest.mark.parametrize("mode", cases(MODES, quick=[("served",)]))
