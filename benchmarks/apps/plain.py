"""The page behind streamlit-persistauth, in a plain `streamlit run`."""

import content

from streamlit_persistauth import Authenticator

Authenticator(cache=content.CACHE).guard()
content.draw()
