"""The page that the app opens with."""

from tests.apps.cases import reveal

reveal("first")
