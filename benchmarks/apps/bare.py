"""The page without authentication."""

import content

content.draw()
