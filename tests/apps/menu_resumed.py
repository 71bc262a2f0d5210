"""The app with a menu that only users get, after `auto_login`."""

from tests.apps.menu import resumed

resumed()
