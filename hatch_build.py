"""Names each page script after its content in the wheel.

A browser may then keep a script for a year, and no browser runs a script of another version.
"""

from hashlib import sha256
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ASSETS = "src/streamlit_persistauth/assets"


class HashedNames(BuildHookInterface[Any]):
    """Adds the scripts to the wheel; an editable install serves them from the source tree."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        for script in (Path(self.root) / ASSETS).glob("*.js"):
            digest = sha256(script.read_bytes()).hexdigest()[:8]
            name = f"{script.stem}-{digest}.js"
            build_data["force_include"][str(script)] = f"streamlit_persistauth/assets/{name}"
