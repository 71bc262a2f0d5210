"""Set-up codes in the log of a server."""

import re

LINE = re.compile(r"Set-up code for the first administrator: (\S+)")
WRONG = "0000-0000-0000-0000"


def logged_codes(log: str) -> list[str]:
    """Return the codes that a server has logged, in order."""
    return LINE.findall(log)
