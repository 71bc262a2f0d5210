"""Check that the search of the built site leads from words that people type to a page."""

import json
import re
import sys
from pathlib import Path
from typing import Final

QUERIES: Final = ("username login", "remember me", "session timeout", "JWT", "FastAPI")
"""What newcomers type, in the words of other libraries."""


def main(site: Path) -> None:
    """Check each query: the title of a page or section has all of its words."""
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    titles = [entry["title"] for entry in index["docs"]]
    missing = [query for query in QUERIES if not any(has_words(title, query) for title in titles)]
    if missing:
        sys.exit(f"no title or heading has all words of: {', '.join(missing)}")
    print(f"{site}: {len(QUERIES)} searches lead to a page")


def has_words(title: str, query: str) -> bool:
    """Return whether a title has all words of a query, in any order and case."""
    return words(query) <= words(title)


def words(text: str) -> set[str]:
    """Return the words that the search finds a text by."""
    return set(re.findall(r"\w+", text.lower()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
