"""Films a form: what each frame shows of it, from the press until the page rests."""

from collections import deque
from dataclasses import dataclass
from itertools import groupby, takewhile
from typing import Any

from playwright.sync_api import Locator, Page, WebSocketRoute

MOST_FRAMES = 3_000

# What Streamlit has put into the document by then is what the browser paints in this frame.
SCRIPT = """(label) => {
  const film = (window.persistauthFilm = []);
  const boxOf = (element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [x, y, width, height].map((pixels) => Math.round(pixels * 10) / 10);
  };
  const visible = (where, what) =>
    [...where.querySelectorAll(what)].filter((element) => element.checkVisibility());
  const shoot = () => {
    const buttons = visible(document, "[data-testid=stFormSubmitButton] button")
      .filter((button) => button.textContent.trim().endsWith(label));
    const form = buttons[0]?.closest("[data-testid=stForm]");
    const around = form?.closest("[role=dialog], [data-testid=stMain]");
    film.push({
      buttons: buttons.map((button) => [
        button.disabled, button.querySelector("[data-testid=stSpinnerIcon]") !== null,
      ]),
      alerts: visible(document, "[role=alert]").map((alert) => alert.textContent),
      layout: JSON.stringify(form && {
        form: boxOf(form),
        buttons: buttons.map(boxOf),
        fields: visible(form, "input").map((field) => [field.ariaLabel, boxOf(field)]),
        links: visible(around, "[data-testid=stBaseButton-tertiary]").map(boxOf),
      }),
    });
    requestAnimationFrame(shoot);
  };
  requestAnimationFrame(shoot);
}"""
ANSWERED = """() => {
  const film = window.persistauthFilm, busy = ({ buttons }) => buttons.some(([off]) => off);
  return film.some(busy) && !busy(film.at(-1))
    && document.querySelector("[data-test-script-state=notRunning]") !== null;
}"""
TWO_FRAMES = "() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))"


@dataclass(frozen=True)
class Frame:
    """What a frame shows of a form.

    Attributes:
        state: `ready`, `busy`, `gone`, or what is wrong with the submit button.
        alerts: What is said on the page.
        layout: Where the form, its fields, its button and the links below it are.
    """

    state: str
    alerts: list[str]
    layout: str


@dataclass(frozen=True)
class Recording:
    """The frames of a form, in order."""

    frames: list[Frame]

    @property
    def states(self) -> list[str]:
        """The states of the submit button, without repetitions."""
        return [state for state, _ in groupby(frame.state for frame in self.frames)]

    @property
    def layouts(self) -> set[str]:
        """The different layouts from the press until the first part of the answer is shown."""
        before = self.frames[0].alerts
        busy = max(at for at, frame in enumerate(self.frames) if frame.state == "busy")
        checked = takewhile(lambda frame: frame.alerts == before, self.frames[: busy + 1])
        return {frame.layout for frame in checked}


class Recorder:
    """A page that a test films; it can get every message in a frame of its own.

    What the server sends in one go, a slow network or a busy server delivers in parts.
    """

    def __init__(self, page: Page) -> None:
        """Stand between a page and its server, from the next document on."""
        self._page = page
        self._held: deque[tuple[WebSocketRoute, str | bytes]] = deque()
        self._holding = False
        page.route_web_socket("**/stream", self._connect)

    def record_submission(self, button: Locator, *, enter: Locator | None = None) -> Recording:
        """Submit a form, and film it until it is answered and the page rests.

        Args:
            button: Its submit button, which is pressed.
            enter: The field in which Enter is pressed, in place of that.

        Raises:
            AssertionError: The answer does not come.
        """
        self._page.evaluate(SCRIPT, button.inner_text())
        self._page.evaluate(TWO_FRAMES)
        self._holding = True
        if enter is None:
            button.click()
        else:
            enter.press("Enter")
        for _ in range(MOST_FRAMES):
            if self._held:
                socket, message = self._held.popleft()
                socket.send(message)
            elif self._page.evaluate(ANSWERED):
                break
            self._page.evaluate(TWO_FRAMES)
        else:
            raise AssertionError("the answer does not come")
        self._holding = False
        shots = self._page.evaluate("window.persistauthFilm")
        return Recording(
            [Frame(_state(shot), shot["alerts"], shot.get("layout", "")) for shot in shots]
        )

    def _connect(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def deliver(message: str | bytes) -> None:
            if self._holding:
                self._held.append((socket, message))
            else:
                socket.send(message)

        server.on_message(deliver)


def _state(shot: dict[str, Any]) -> str:
    buttons: list[list[bool]] = shot["buttons"]
    if not buttons:
        return "gone"
    if len(buttons) > 1:
        return f"{len(buttons)} buttons"
    disabled, spinning = buttons[0]
    return {(False, False): "ready", (True, True): "busy"}.get((disabled, spinning), str(buttons))


def expect_still(film: Recording, *, left: bool = False) -> None:
    """Make sure that there is one button at all times, and that nothing moves until the answer.

    Args:
        film: Of the form.
        left: Whether the answer is another page, and not another try.
    """
    assert film.states == ["ready", "busy", "gone" if left else "ready"]
    assert len(film.layouts) == 1
