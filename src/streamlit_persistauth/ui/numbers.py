"""Numbers for people to read."""


def grouped(number: int) -> str:
    """Return a whole number in groups of three, parted in a way that every language reads alike.

    A comma is a decimal point to half of them. A narrow space is to none (ISO 80000-1 7.3.1).
    """
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
