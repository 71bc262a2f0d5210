import subprocess
import sys
from pathlib import Path

import streamlit_persistauth


def test_all_is_sorted() -> None:
    """The public names are sorted, and each of them is there."""
    names = streamlit_persistauth.__all__
    assert names == sorted(names)
    assert all(hasattr(streamlit_persistauth, name) for name in names)


def test_every_error_is_public() -> None:
    """Every error that a public call may raise can be imported from the top."""
    from streamlit_persistauth import errors

    for name in dir(errors):
        kind = getattr(errors, name)
        if isinstance(kind, type) and issubclass(kind, errors.AuthError):
            assert name in streamlit_persistauth.__all__


def test_public_names_are_listed() -> None:
    """Every public class of the package is in `__all__`."""
    public = {
        name
        for name, value in vars(streamlit_persistauth).items()
        if isinstance(value, type) and not name.startswith("_")
    }
    assert public == set(streamlit_persistauth.__all__)


def test_star_import(tmp_path: Path) -> None:
    """A star import works, without warnings and without opening a file."""
    code = "from streamlit_persistauth import *; print(Authenticator.__name__)"
    finished = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        timeout=60,
    )
    assert finished.stdout.strip() == "Authenticator"
    assert finished.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_typed() -> None:
    """The package says that it is typed."""
    assert Path(streamlit_persistauth.__file__).with_name("py.typed").exists()
