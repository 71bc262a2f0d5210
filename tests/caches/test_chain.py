"""A chain of caches, tried in order."""

from dataclasses import dataclass, field

import pytest

from streamlit_persistauth.caches.base import (
    CacheCapabilities,
    CredentialIssuer,
    PresentedCredential,
)
from streamlit_persistauth.caches.chain import ChainCache, CombinedTask
from streamlit_persistauth.models import Client
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.request.handshake import Handshake
from streamlit_persistauth.request.visitor_state import PageTask, VisitorState

PAGE = RequestContext(
    Handshake("connection", None, "", secure=False, client=Client()), VisitorState(), browser=None
)
DRAWN: list[str] = []


@dataclass(frozen=True)
class Note:
    """A page task that records that it was drawn."""

    text: str
    lasts: bool = False
    fails: bool = False

    def draw(self) -> bool:
        DRAWN.append(self.text)
        return self.fails


@dataclass
class Box:
    """A cache with the content and the capabilities that a test gives it."""

    name: str
    held: tuple[str, ...] = ()
    works: bool = True
    expected: CacheCapabilities = field(
        default_factory=lambda: CacheCapabilities(persistent=True, http_only=True, round_trip=False)
    )

    def capabilities(self, context: RequestContext) -> CacheCapabilities:
        return self.expected

    def read(self, context: RequestContext) -> tuple[PresentedCredential, ...]:
        return tuple(PresentedCredential(text, self) for text in self.held)

    def keep(self, issuer: CredentialIssuer, context: RequestContext) -> PageTask | None:
        return Note(f"keep in {self.name}") if self.works else None

    def forget(self, context: RequestContext) -> PageTask | None:
        return Note(f"forget in {self.name}") if self.works else None


def drawn(task: PageTask | None) -> list[str]:
    """Return what drawing a task does."""
    DRAWN.clear()
    if task is not None:
        task.draw()
    return list(DRAWN)


def test_reads_all_in_order() -> None:
    """The credentials of all caches are presented, in the order of the caches."""
    chain = ChainCache([Box("a"), Box("b", ("one",)), Box("c", ("two",))])
    assert [presented.text for presented in chain.read(PAGE)] == ["one", "two"]
    assert ChainCache([Box("a"), Box("b")]).read(PAGE) == ()


def test_writes_to_the_first_that_works(issuer: CredentialIssuer) -> None:
    """The first cache that can keeps a credential; the others forget theirs."""
    blocked = CacheCapabilities(persistent=False, http_only=True, round_trip=False, blocked=True)
    chain = ChainCache([Box("a", works=False), Box("b", expected=blocked), Box("c"), Box("d")])
    assert drawn(chain.keep(issuer, PAGE)) == ["keep in c", "forget in b", "forget in d"]
    assert ChainCache([Box("a", works=False)]).keep(issuer, PAGE) is None


def test_clears_all() -> None:
    """All caches forget, whichever of them has kept something."""
    chain = ChainCache([Box("a"), Box("b", works=False), Box("c")])
    assert drawn(chain.forget(PAGE)) == ["forget in a", "forget in c"]
    assert ChainCache([Box("a", works=False)]).forget(PAGE) is None


NOTHING = CacheCapabilities(persistent=False, http_only=True, round_trip=False)
BLOCKED = CacheCapabilities(persistent=False, http_only=True, round_trip=False, blocked=True)
SAFE = CacheCapabilities(persistent=True, http_only=True, round_trip=False)
ASKED = CacheCapabilities(persistent=True, http_only=False, round_trip=True)


@pytest.mark.parametrize(
    ("all_capabilities", "expected"),
    [
        ([NOTHING], NOTHING),
        ([NOTHING, BLOCKED], BLOCKED),
        ([NOTHING, SAFE], SAFE),
        ([BLOCKED, ASKED], ASKED),
        ([SAFE, ASKED], SAFE),
        ([ASKED, SAFE], ASKED),
    ],
)
def test_capabilities(
    all_capabilities: list[CacheCapabilities], expected: CacheCapabilities
) -> None:
    """A chain has the capabilities of the first cache that works, and the round trip of any."""
    boxes = [
        Box(str(number), expected=capabilities)
        for number, capabilities in enumerate(all_capabilities)
    ]
    assert ChainCache(boxes).capabilities(PAGE) == expected


@pytest.mark.parametrize(
    ("all_capabilities", "held", "expected"),
    [
        ([SAFE, ASKED], ["", "asked"], []),
        ([SAFE, ASKED], ["known", "asked"], ["known"]),
        ([ASKED, SAFE], ["asked", ""], ["asked"]),
        ([ASKED, SAFE], ["asked", "known"], ["known"]),
        ([BLOCKED, ASKED], ["", "asked"], ["asked"]),
        ([NOTHING, ASKED], ["", "asked"], ["asked"]),
        ([ASKED, ASKED], ["one", "two"], ["one", "two"]),
        ([SAFE, SAFE], ["one", "two"], ["one", "two"]),
    ],
)
def test_asks_only_where_no_other_cache_can_know(
    all_capabilities: list[CacheCapabilities], held: list[str], expected: list[str]
) -> None:
    """A cache that needs a round trip is not read behind one that works without, nor beside it."""
    boxes = [
        Box(str(number), held=tuple(filter(None, [text])), expected=capabilities)
        for number, (capabilities, text) in enumerate(zip(all_capabilities, held, strict=True))
    ]
    assert [presented.text for presented in ChainCache(boxes).read(PAGE)] == expected


def test_writes_where_it_reads(issuer: CredentialIssuer) -> None:
    """What a cache cannot keep goes into no other one that would not be read for it."""
    chain = ChainCache([Box("a", works=False, expected=SAFE), Box("b", expected=ASKED)])
    assert chain.keep(issuer, PAGE) is None


def test_combined_task() -> None:
    """A combined task lasts if one task does, and fails if one does; all are drawn."""
    both = CombinedTask((Note("a", fails=True), Note("b", lasts=True)))
    assert both.lasts
    assert both.draw()
    assert DRAWN[-2:] == ["a", "b"]
    neither = CombinedTask((Note("a"), Note("b")))
    assert not neither.lasts
    assert not neither.draw()


@pytest.fixture
def issuer() -> CredentialIssuer:
    """An issuer that must not be used."""

    class Unused:
        def credential(self) -> None:
            raise AssertionError

        def handoff_code(self, browser: str) -> str:
            raise AssertionError(browser)

        def url_token(self) -> str:
            raise AssertionError

    return Unused()  # type: ignore[return-value]
