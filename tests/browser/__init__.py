"""Tests that drive a real Chromium; a package, so that one Chromium serves exactly these."""
