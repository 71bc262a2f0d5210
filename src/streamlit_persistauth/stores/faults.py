"""Reports a failing store: details to the log, none to the page."""

import logging

from streamlit_persistauth.errors import StoreError

logger = logging.getLogger("streamlit_persistauth")


def unavailable(store: str, fault: str) -> StoreError:
    """Log a fault for the operator, and return the error to raise, without details.

    Args:
        store: The name of the store in the log.
        fault: The kind of fault, without stored values.
    """
    logger.error("the %s did not answer: %s", store, fault)
    return StoreError("Sign-in is unavailable right now. Please try again later.")
