from streamlit_persistauth.ui.numbers import grouped


def test_grouped() -> None:
    """Groups of three digits are separated by a narrow space."""
    assert [grouped(number) for number in (0, 999, -1_000, 1_234_567)] == [
        "0",
        "999",
        "-1\u202f000",
        "1\u202f234\u202f567",
    ]
