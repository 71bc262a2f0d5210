"""Find words that plain technical English does without, and say what to write instead."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
INSTEAD = {
    r"[Ww]hoever": "name the user, the caller or an attacker",
    r"[Ff]or\s+who": "'for users who', 'if the user'",
    r"anew": "'again'",
    r"lest": "'so that … not'",
    r"thereby": "'so', or a sentence of its own",
    r"[Ww]herein": "'in which', 'where'",
    r"(?<![Tt]here )is\s+none(?! of)": "what it is: 'is invalid', 'does not exist', 'is not a …'",
    r"no\s+use\s+of": "what happens: 'does not use', 'does not update last_used_at'",
    r"be\s+it": "'whether'",
}
"""Patterns of whole words, and what to write in their place."""
WORDS = [(re.compile(rf"\b{pattern}\b"), instead) for pattern, instead in INSTEAD.items()]
CODE = re.compile(r"^ *```.*?^ *```|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def main() -> None:
    """Check the package, the pages and the Markdown files at the top."""
    found = [
        f"{path.relative_to(ROOT)}:{line}: {complaint}"
        for path in files()
        for line, complaint in complaints(path.read_text(encoding="utf-8"), path.suffix)
    ]
    if found:
        sys.exit("\n".join(found))


def files() -> list[Path]:
    """Return the files whose prose is checked."""
    return sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("src/**/*.py")])


def complaints(text: str, suffix: str) -> Iterator[tuple[int, str]]:
    """Yield the line of each such word in a text, and what to write instead.

    Args:
        text: The text of a file.
        suffix: The suffix of its name. Code in Markdown is not checked.
    """
    prose = CODE.sub(_only_lines, text) if suffix == ".md" else text
    for words, instead in WORDS:
        for match in words.finditer(prose):
            line = prose.count("\n", 0, match.start()) + 1
            yield line, f"{' '.join(match[0].split())!r}: write {instead}"


def _only_lines(code: re.Match[str]) -> str:
    return "\n" * code[0].count("\n")


if __name__ == "__main__":
    main()
