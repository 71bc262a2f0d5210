"""A page that runs without the first one."""

from tests.apps.cases import auth, reveal

auth.guard()
reveal()
