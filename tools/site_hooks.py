"""Add the pages in the root of the project to the site."""

import re
from pathlib import Path
from typing import Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT: Final = Path(__file__).resolve().parents[1]
PROJECT: Final = {
    "CHANGELOG.md": "changelog.md",
    "CODE_OF_CONDUCT.md": "code-of-conduct.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security-policy.md",
}
"""Files in the root, and their names in the folder `project` of the site."""
LINK: Final = re.compile(r"\]\(([\w./-]+\.md)(#[\w-]+)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages."""
    for source, name in PROJECT.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        content = LINK.sub(_relink, text)
        files.append(File.generated(config, f"project/{name}", content=content))
    return files


def _relink(match: re.Match[str]) -> str:
    """Rewrite a link from the root as one from the folder `project`."""
    target, anchor = match[1], match[2] or ""
    target = PROJECT.get(target) or f"../{target.removeprefix('docs/')}"
    return f"]({target}{anchor})"
