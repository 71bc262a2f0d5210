"""Record what each frame shows of a form, from the press of its button to the settled page."""

from collections import deque
from dataclasses import dataclass
from itertools import groupby, takewhile
from typing import Any

from playwright.sync_api import Locator, Page, WebSocketRoute
from tests.browser.polling import wait_until_still

MOST_FRAMES = 3_000

# The document at this moment is what the browser paints in this frame.
SCRIPT = """(label) => {
  const recording = (window.persistauthRecording = []);
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
    recording.push({
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
  const recording = window.persistauthRecording;
  const busy = ({ buttons }) => buttons.some(([off]) => off);
  return recording.some(busy) && !busy(recording.at(-1))
    && document.querySelector("[data-test-script-state=notRunning]") !== null;
}"""
TWO_FRAMES = "() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))"


@dataclass(frozen=True)
class Frame:
    """What a frame shows of a form.

    Attributes:
        state: `ready`, `busy`, `gone`, or a description of an unexpected button.
        alerts: The texts of the alerts.
        layout: The positions of form, fields, button and links.
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
        """The layouts from the press until the answer begins to show."""
        before = self.frames[0].alerts
        busy = max(at for at, frame in enumerate(self.frames) if frame.state == "busy")
        checked = takewhile(lambda frame: frame.alerts == before, self.frames[: busy + 1])
        return {frame.layout for frame in checked}


class Recorder:
    """Records a page, and delivers every message of the server in a frame of its own.

    A slow network or a busy server delivers in parts what the server sends at once.
    """

    def __init__(self, page: Page) -> None:
        """Intercept the page's messages, from its next document on."""
        self._page = page
        self._held: deque[tuple[WebSocketRoute, str | bytes]] = deque()
        self._holding = False
        page.route_web_socket("**/stream", self._connect)

    def record_submission(self, button: Locator, *, enter: Locator | None = None) -> Recording:
        """Submit a form, and record it until the answer is shown and the page settles.

        Args:
            button: The submit button.
            enter: A field in which to press Enter instead of the button.

        Raises:
            AssertionError: There was no answer.
        """
        wait_until_still(self._page)
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
        shots = self._page.evaluate("window.persistauthRecording")
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


def expect_still(recording: Recording, *, left: bool = False) -> None:
    """Expect exactly one button at all times, and no movement until the answer.

    Args:
        recording: The frames of the form.
        left: Whether the answer replaces the form.
    """
    assert recording.states == ["ready", "busy", "gone" if left else "ready"]
    assert len(recording.layouts) == 1
