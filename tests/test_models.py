from dataclasses import FrozenInstanceError

import pytest
from tests.support.clock import START

from streamlit_persistauth.models import Credential, LoginResult, User

ADA = User("1", "ada@example.com", "Ada", ("admin",), created_at=START)


def test_user_reads_like_a_mapping() -> None:
    """A user has the contract's names, as attributes and as keys."""
    names = ["id", "email", "full_name", "roles", "is_active", "created_at", "last_login_at"]
    names.append("username")
    assert list(ADA) == names
    assert len(ADA) == 8
    assert [ADA[name] for name in names] == [getattr(ADA, name) for name in names]
    assert dict(ADA) == {name: getattr(ADA, name) for name in names}
    assert ADA.get("nothing") is None


@pytest.mark.parametrize("name", ["nothing", "__class__", "keys", "password_hash", ""])
def test_user_has_no_other_keys(name: str) -> None:
    """Methods and private names are not keys."""
    with pytest.raises(KeyError):
        ADA[name]
    assert name not in ADA


def test_user_is_frozen() -> None:
    """A user's roles can't be assigned."""
    with pytest.raises(FrozenInstanceError):
        ADA.roles = ("root",)  # type: ignore[misc]
    with pytest.raises(TypeError):
        ADA["roles"] = ("root",)  # type: ignore[index]


def test_users_compare_and_hash() -> None:
    """Equal users are equal and can be keys."""
    same = User("1", "ada@example.com", "Ada", ("admin",), created_at=START)
    assert same == ADA
    assert hash(ADA) == hash(same)
    assert User("2", "bob@example.com") != ADA


def test_credential_is_masked() -> None:
    """The repr of a credential does not contain its text."""
    credential = Credential("canary", START)
    assert "canary" not in repr(credential)
    assert "canary" not in f"{[credential]}"


def test_login_result_unpacks() -> None:
    """A result can be unpacked into three values."""
    ok, user, message = LoginResult(ok=True, user=ADA, message="")
    assert (ok, user, message) == (True, ADA, "")
