"""What a store that fails tells: its operator the fault, its page nothing."""

import logging

from streamlit_persistauth.errors import StoreError

logger = logging.getLogger("streamlit_persistauth")


def unavailable(store: str, fault: str) -> StoreError:
    """Log what an operator needs to know of a fault, and return what a page may know.

    Args:
        store: What did not answer.
        fault: The kind of fault; nothing that was stored.
    """
    logger.error("the %s did not answer: %s", store, fault)
    return StoreError("Sign-in is unavailable right now. Please try again later.")
