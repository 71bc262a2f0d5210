"""The page behind streamlit-persistauth, in a plain `streamlit run`."""

import content

from streamlit_persistauth import Authenticator

Authenticator().guard()
content.draw()
