"""Hold that the built site loads nothing from another host."""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}
"""What a browser fetches by itself, and from which attribute."""
NOT_FETCHED = {"canonical", "next", "prev"}
ELSEWHERE = re.compile(r"^(?:https?:)?//")
IN_STYLES = re.compile(r"""(?:url\(|@import)\s*["']?((?:https?:)?//[^"')\s]+)""")


def main(site: Path) -> None:
    """Look through all pages and styles."""
    faults = [*_of_pages(site), *_of_styles(site)]
    pages = sum(1 for _ in site.rglob("*.html"))
    if faults or not pages:
        sys.exit("\n".join([f"{site}: {pages} pages", *faults]))
    print(f"{site}: {pages} pages, which load nothing from another host")


def _of_pages(site: Path) -> Iterator[str]:
    for path in site.rglob("*.html"):
        page = _Page()
        page.feed(path.read_text(encoding="utf-8"))
        yield from (f"{path}: {url}" for url in page.foreign)


def _of_styles(site: Path) -> Iterator[str]:
    for path in site.rglob("*.css"):
        for url in IN_STYLES.findall(path.read_text(encoding="utf-8")):
            yield f"{path}: {url}"


class _Page(HTMLParser):
    """Collects what a page loads from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.foreign: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See `HTMLParser`."""
        found = dict(attrs)
        url = found.get(LOADED.get(tag, "")) or ""
        if ELSEWHERE.match(url) and found.get("rel") not in NOT_FETCHED:
            self.foreign.append(url)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
