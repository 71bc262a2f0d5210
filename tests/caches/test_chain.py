"""Several caches, one after the other."""

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
    """An errand that notes that it was drawn."""

    text: str
    lasts: bool = False
    in_vain: bool = False

    def draw(self) -> bool:
        """See `PageTask.draw`."""
        DRAWN.append(self.text)
        return self.in_vain


@dataclass
class Box:
    """A cache of which a test says what it has and can."""

    name: str
    held: tuple[str, ...] = ()
    works: bool = True
    expected: CacheCapabilities = field(
        default_factory=lambda: CacheCapabilities(persistent=True, http_only=True, round_trip=False)
    )

    def capabilities(self, context: RequestContext) -> CacheCapabilities:
        """See `CacheBackend.promise`."""
        return self.expected

    def read(self, context: RequestContext) -> tuple[PresentedCredential, ...]:
        """See `CacheBackend.read`."""
        return tuple(PresentedCredential(text, self) for text in self.held)

    def keep(self, issuer: CredentialIssuer, context: RequestContext) -> PageTask | None:
        """See `CacheBackend.keep`."""
        return Note(f"keep in {self.name}") if self.works else None

    def forget(self, context: RequestContext) -> PageTask | None:
        """See `CacheBackend.forget`."""
        return Note(f"forget in {self.name}") if self.works else None


def drawn(task: PageTask | None) -> list[str]:
    """Return what an errand does."""
    DRAWN.clear()
    if task is not None:
        task.draw()
    return list(DRAWN)


def test_reads_all_in_order() -> None:
    """What each of them presents is presented, the first one's first."""
    chain = ChainCache([Box("a"), Box("b", ("one",)), Box("c", ("two",))])
    assert [presented.text for presented in chain.read(PAGE)] == ["one", "two"]
    assert ChainCache([Box("a"), Box("b")]).read(PAGE) == ()


def test_writes_to_the_first_that_works(issuer: CredentialIssuer) -> None:
    """One of them keeps a credential: the first that can. The others forget theirs."""
    blocked = CacheCapabilities(persistent=False, http_only=True, round_trip=False, blocked=True)
    chain = ChainCache([Box("a", works=False), Box("b", expected=blocked), Box("c"), Box("d")])
    assert drawn(chain.keep(issuer, PAGE)) == ["keep in c", "forget in b", "forget in d"]
    assert ChainCache([Box("a", works=False)]).keep(issuer, PAGE) is None


def test_clears_all() -> None:
    """All of them forget, whichever has kept something."""
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
def test_promise(all_capabilities: list[CacheCapabilities], expected: CacheCapabilities) -> None:
    """It promises what the first can that works here, and whether the browser is asked."""
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
    """What a cache can't keep goes into no other one that would not be asked for it."""
    chain = ChainCache([Box("a", works=False, expected=SAFE), Box("b", expected=ASKED)])
    assert chain.keep(issuer, PAGE) is None


def test_errands_together() -> None:
    """Several errands last if one does, and are in vain if one is; all of them are drawn."""
    both = CombinedTask((Note("a", in_vain=True), Note("b", lasts=True)))
    assert both.lasts
    assert both.draw()
    assert DRAWN[-2:] == ["a", "b"]
    neither = CombinedTask((Note("a"), Note("b")))
    assert not neither.lasts
    assert not neither.draw()


@pytest.fixture
def issuer() -> CredentialIssuer:
    """One that nobody asks here."""

    class Unasked:
        def credential(self) -> None:
            raise AssertionError

        def handoff_code(self, browser: str) -> str:
            raise AssertionError(browser)

        def url_token(self) -> str:
            raise AssertionError

    return Unasked()  # type: ignore[return-value]
