"""Files that Streamlit serves, requested by address."""

from collections.abc import Callable, Iterator

import pytest
from starlette.responses import PlainTextResponse
from tests.support.asgi import Answer, request
from tests.support.core_app import CoreApp

from streamlit_persistauth.models import Credential
from streamlit_persistauth.web.connections import Connection, connections
from streamlit_persistauth.web.cookies import Cookies
from streamlit_persistauth.web.files import PATHS, FileMiddleware


@pytest.fixture
def credential(core: CoreApp) -> Credential:
    """The credential of a signed-in browser."""
    return core.sessions.issue(core.sign_in(core.add_user()))


@pytest.fixture
def connection(credential: Credential, core: CoreApp) -> Iterator[Connection]:
    """The open page of a browser that keeps no credential."""
    (session,) = core.sessions.live(core.sessions.resume(credential.text).user.id)
    connection = connections.open(base_path="", browser="a-browser")
    connection.bind(session.id, None)
    yield connection
    connections.close(connection)


def ask(
    core: CoreApp, path: str = "/media/secret.png", *, cookie: str = "", base: str = ""
) -> Answer:
    """Request a file."""
    app = FileMiddleware(
        PlainTextResponse("the file"),
        cookies=Cookies("app"),
        sessions=core.sessions,
        base_path=base,
    )
    return request(app, "GET", path, headers={"Cookie": cookie})


@pytest.mark.parametrize("path", PATHS)
def test_nobody(core: CoreApp, path: str) -> None:
    """A visitor who is not signed in gets no file, and no cache stores the refusal."""
    answer = ask(core, f"{path}secret.png")
    assert (answer.status, answer.body) == (403, b"Please sign in first.")
    assert answer.all("cache-control") == ["no-store"]


@pytest.mark.parametrize("path", ["/", "/static/js/index.js", "/_stcore/health", "/media"])
def test_other_paths(core: CoreApp, path: str) -> None:
    """The files of the sign-in page are public."""
    assert ask(core, path).body == b"the file"


def test_credential(core: CoreApp, credential: Credential) -> None:
    """A valid credential opens files; a revoked one, or two at once, do not."""
    cookie = f"app={credential.text}"
    assert ask(core, cookie=cookie).body == b"the file"
    assert ask(core, cookie=f"{cookie}; app=x").status == 403
    core.sessions.end(core.sessions.resume(credential.text).session.id)
    assert ask(core, cookie=cookie).status == 403


def test_browser_of_an_open_page(core: CoreApp, connection: Connection) -> None:
    """A browser with a signed-in page open gets its files until the user signs out."""
    assert ask(core, cookie="app_browser=a-browser").body == b"the file"
    assert ask(core, cookie="app_browser=another").status == 403
    connection.unbind()
    assert ask(core, cookie="app_browser=a-browser").status == 403


@pytest.mark.parametrize("way", ["sign-in ended", "disabled", "new stamp", "deleted"])
@pytest.mark.usefixtures("connection")
def test_browser_after_the_end(core: CoreApp, credential: Credential, way: str) -> None:
    """A browser gets no file once its sign-in or its account is invalid in the store."""
    signed_in = core.sessions.resume(credential.text)
    user_id = signed_in.user.id
    ways: dict[str, Callable[[], object]] = {
        "sign-in ended": lambda: core.sessions.end(signed_in.session.id),
        "disabled": lambda: core.change_user(user_id, is_active=False),
        "new stamp": lambda: core.change_user(user_id, security_stamp="another"),
        "deleted": lambda: core.users.delete(user_id),
    }
    assert ask(core, cookie="app_browser=a-browser").status == 200
    ways[way]()
    assert ask(core, cookie="app_browser=a-browser").status == 403


def test_file_is_no_use(core: CoreApp, credential: Credential) -> None:
    """A page requests its files by itself, also for a timer; `last_used_at` stays."""
    signed_in = core.sessions.resume(credential.text)
    core.clock.move(minutes=10)
    assert ask(core, cookie=f"app={credential.text}").status == 200
    (session,) = core.sessions.live(signed_in.user.id)
    assert session.last_used_at == signed_in.session.last_used_at


@pytest.mark.usefixtures("connection")
def test_store_that_fails(core: CoreApp, credential: Credential) -> None:
    """While the store does not answer, no file is served."""
    core.tokens.reset(fail_at=0)
    assert ask(core, cookie=f"app={credential.text}").status == 403
    assert ask(core, cookie="app_browser=a-browser").status == 403


def test_base_path(core: CoreApp) -> None:
    """Under a base path the same files are protected."""
    assert ask(core, "/team/media/secret.png", base="/team").status == 403
    assert ask(core, "/team/", base="/team").body == b"the file"
