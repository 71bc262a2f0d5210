"""Numbers as people read them."""


def grouped(number: int) -> str:
    """Return an integer with a narrow space between groups of three digits (ISO 80000-1 7.3.1).

    A comma would be a decimal point in many languages.
    """
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
