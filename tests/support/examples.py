"""The code blocks of README and docs, and how each is run."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

from tests.support.core_app import EMAIL, PASSWORD
from tests.support.page import Page
from tests.support.server import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^(?P<in> *)```(?P<kind>\w+).*\n(?P<code>(?:.*\n)*?)(?P=in)```$", re.MULTILINE)
FILE = re.compile(r"# ([\w/]+\.py)\n")


@dataclass(frozen=True)
class Block:
    """One code block of one page.

    Attributes:
        page: The page's path from the root of the project.
        line: Where it begins.
        kind: Its language.
        code: Its text.
    """

    page: str
    line: int
    kind: str
    code: str

    def __str__(self) -> str:
        """Return where it stands."""
        return f"{self.page}:{self.line}"

    @property
    def file(self) -> str | None:
        """The name of the file that it is, which its first line says, if it is one."""
        found = FILE.match(self.code)
        return found[1] if found else None


def blocks(kind: str, pages: Iterable[Path] = PAGES) -> list[Block]:
    """Return all blocks of a kind."""
    return [block for page in pages for block in _read(page) if block.kind == kind]


def _read(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        code = dedent(found["code"])
        yield Block(page.relative_to(ROOT).as_posix(), line, found["kind"], code)


def is_app(block: Block, neighbours: Iterable[Block]) -> bool:
    """Return whether a file is an app: no test, and no other block of its page imports it."""
    stem = Path(block.file or "").stem
    imported = re.compile(rf"^(?:from|import) {stem}\b", re.MULTILINE)
    return not stem.startswith("test_") and not any(
        imported.search(other.code) for other in neighbours
    )


def write_files(neighbours: Iterable[Block], last: Block, folder: Path) -> None:
    """Write the files of a page up to this one; a later one of the same name replaces it."""
    for block in neighbours:
        if block.file and block.line <= last.line:
            path = folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.code, encoding="utf-8")


def register(page: Page) -> None:
    """Make the first account of an app."""
    page.fill(Full_name="Ada", Email=EMAIL, Password=PASSWORD, Confirm_password=PASSWORD)
    page.press("Create account")


def run_signed_in(code: str, names: dict[str, Any]) -> Page:
    """Run a block in a page on which an administrator is signed in.

    Args:
        code: The block.
        names: The globals of the blocks before it; gets those of this one.
    """
    return Page(_page, code=code, names=names, email=EMAIL, password=PASSWORD)


def _page(code: str, names: "dict[str, Any]", email: str, password: str) -> None:
    import streamlit as st

    from streamlit_persistauth import Authenticator

    auth = Authenticator()
    if auth.user is None:
        auth.login(email, password)
    names.setdefault("st", st)
    names.setdefault("auth", auth)
    names.update(user=auth.user, __name__="__main__")
    exec(code, names)  # noqa: S102 - it stands in our own page
