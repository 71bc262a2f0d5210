"""Counts the processors that this process may use."""

import os
from math import ceil
from pathlib import Path
from typing import Final

QUOTA: Final = Path("/sys/fs/cgroup/cpu.max")
"""Where Linux tells a container the processor time that it may use, and the period for that."""


def count_processors(quota: Path = QUOTA) -> int:
    """Return the number of processors that this process may use; at least 1.

    Args:
        quota: The file with the limit of the container.
    """
    usable = getattr(os, "sched_getaffinity", None)
    allowed = len(usable(0)) if usable else os.cpu_count() or 1
    try:
        used, period = map(int, quota.read_text(encoding="ascii").split())
        return max(1, min(allowed, ceil(used / period)))
    except (OSError, ValueError, ZeroDivisionError):  # no container, or one without a limit: "max"
        return allowed
