"""Check that the built site loads nothing from other hosts."""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}
"""Elements that a browser loads by itself, and the attribute with their URL."""
NOT_FETCHED = {"canonical", "next", "prev"}
ELSEWHERE = re.compile(r"^(?:https?:)?//")
IN_STYLES = re.compile(r"""(?:url\(|@import)\s*["']?((?:https?:)?//[^"')\s]+)""")


def main(site: Path) -> None:
    """Check all pages and style sheets."""
    faults = [*_of_pages(site), *_of_styles(site)]
    pages = sum(1 for _ in site.rglob("*.html"))
    if faults or not pages:
        sys.exit("\n".join([f"{site}: {pages} pages", *faults]))
    print(f"{site}: {pages} pages load nothing from other hosts")


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
    """Collects the URLs that a page loads from other hosts."""

    def __init__(self) -> None:
        super().__init__()
        self.foreign: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the URL of a start tag."""
        found = dict(attrs)
        url = found.get(LOADED.get(tag, "")) or ""
        if ELSEWHERE.match(url) and found.get("rel") not in NOT_FETCHED:
            self.foreign.append(url)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
