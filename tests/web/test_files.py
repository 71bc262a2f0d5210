"""Files that Streamlit serves, asked for by address."""

from collections.abc import Callable, Iterator

import pytest
from starlette.responses import PlainTextResponse
from tests.support.asgi import Answer, request
from tests.support.house import House

from streamlit_persistauth.models import Credential
from streamlit_persistauth.web.connections import Connection, connections
from streamlit_persistauth.web.cookies import Cookies
from streamlit_persistauth.web.files import PATHS, FileMiddleware


@pytest.fixture
def credential(house: House) -> Credential:
    """What a signed-in browser keeps."""
    return house.sessions.issue(house.sign_in(house.add_user()))


@pytest.fixture
def connection(credential: Credential, house: House) -> Iterator[Connection]:
    """The open page of a browser that keeps no credential."""
    (session,) = house.sessions.live(house.sessions.resume(credential.text).user.id)
    connection = connections.open(base_path="", browser="a-browser")
    connection.bind(session.id, None)
    yield connection
    connections.close(connection)


def ask(
    house: House, path: str = "/media/secret.png", *, cookie: str = "", base: str = ""
) -> Answer:
    """Ask for a file."""
    app = FileMiddleware(
        PlainTextResponse("the file"),
        cookies=Cookies("app"),
        sessions=house.sessions,
        base_path=base,
    )
    return request(app, "GET", path, headers={"Cookie": cookie})


@pytest.mark.parametrize("path", PATHS)
def test_nobody(house: House, path: str) -> None:
    """Who is not signed in gets no file, and no cache keeps the refusal."""
    answer = ask(house, f"{path}secret.png")
    assert (answer.status, answer.body) == (403, b"Please sign in first.")
    assert answer.all("cache-control") == ["no-store"]


@pytest.mark.parametrize("path", ["/", "/static/js/index.js", "/_stcore/health", "/media"])
def test_other_paths(house: House, path: str) -> None:
    """What the sign-in page itself needs is for everybody."""
    assert ask(house, path).body == b"the file"


def test_credential(house: House, credential: Credential) -> None:
    """A credential that counts opens files; one that has ended, or two at once, does not."""
    cookie = f"app={credential.text}"
    assert ask(house, cookie=cookie).body == b"the file"
    assert ask(house, cookie=f"{cookie}; app=x").status == 403
    house.sessions.end(house.sessions.resume(credential.text).session.id)
    assert ask(house, cookie=cookie).status == 403


def test_browser_of_an_open_page(house: House, connection: Connection) -> None:
    """A browser with a signed-in page open gets its files, until that has ended."""
    assert ask(house, cookie="app_browser=a-browser").body == b"the file"
    assert ask(house, cookie="app_browser=another").status == 403
    connection.unbind()
    assert ask(house, cookie="app_browser=a-browser").status == 403


@pytest.mark.parametrize("way", ["sign-in ended", "disabled", "new stamp", "deleted"])
@pytest.mark.usefixtures("connection")
def test_browser_after_the_end(house: House, credential: Credential, way: str) -> None:
    """A browser gets no file once its sign-in or its account is invalid in the store."""
    signed_in = house.sessions.resume(credential.text)
    user_id = signed_in.user.id
    ways: dict[str, Callable[[], object]] = {
        "sign-in ended": lambda: house.sessions.end(signed_in.session.id),
        "disabled": lambda: house.change_user(user_id, is_active=False),
        "new stamp": lambda: house.change_user(user_id, security_stamp="another"),
        "deleted": lambda: house.users.delete(user_id),
    }
    assert ask(house, cookie="app_browser=a-browser").status == 200
    ways[way]()
    assert ask(house, cookie="app_browser=a-browser").status == 403


def test_file_is_no_use(house: House, credential: Credential) -> None:
    """A page requests its files by itself, also when a timer draws it: that is no use."""
    signed_in = house.sessions.resume(credential.text)
    house.clock.move(minutes=10)
    assert ask(house, cookie=f"app={credential.text}").status == 200
    (session,) = house.sessions.live(signed_in.user.id)
    assert session.last_used_at == signed_in.session.last_used_at


@pytest.mark.usefixtures("connection")
def test_store_that_fails(house: House, credential: Credential) -> None:
    """While the store does not answer, no file is served."""
    house.tokens.reset(fail_at=0)
    assert ask(house, cookie=f"app={credential.text}").status == 403
    assert ask(house, cookie="app_browser=a-browser").status == 403


def test_base_path(house: House) -> None:
    """Under a base path the same files are protected."""
    assert ask(house, "/team/media/secret.png", base="/team").status == 403
    assert ask(house, "/team/", base="/team").body == b"the file"
