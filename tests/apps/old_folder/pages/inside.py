"""A page without a guard of its own."""

from tests.apps.cases import reveal

reveal()
