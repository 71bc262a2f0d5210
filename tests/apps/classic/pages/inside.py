"""A guarded page."""

from tests.apps.cases import auth, reveal

auth.guard()
reveal("inside")
