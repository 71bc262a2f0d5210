"""The paths of the routes under `/persistauth/`, which pages post to."""

from typing import Final

HANDOFF_PATH: Final = "/persistauth/handoff"
CHECK_PATH: Final = "/persistauth/check"
CLEAR_PATH: Final = "/persistauth/clear"
BROWSER_PATH: Final = "/persistauth/browser"
