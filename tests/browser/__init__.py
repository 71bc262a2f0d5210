"""Tests that drive a real Chromium. A package, so that package fixtures share one Chromium."""
