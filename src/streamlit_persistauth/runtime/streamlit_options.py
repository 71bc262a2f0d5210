"""Streamlit's options, as `streamlit run` would have them.

There is no public way to read the options of another app, so this module reaches inside Streamlit.
It was checked with versions 1.58 and 1.67.
"""

import os
from collections.abc import Mapping
from typing import Any


def read_options(main_file: str | None, names: Mapping[str, str]) -> Mapping[str, Any]:
    """Return options by their keys in `names`; None for one that this Streamlit does not have.

    Args:
        main_file: The entry script of the app, which may have a `.streamlit` folder beside it.
        names: Names of options, by keys of the caller's choice.
    """
    from streamlit import config

    config._main_script_path = main_file  # noqa: SLF001 - as `streamlit run` does
    config.get_config_options(force_reparse=True)
    return {key: _option(name) for key, name in names.items()}


def _option(name: str) -> Any:  # noqa: ANN401 - of any type
    """Return an option; the environment comes first, as in `streamlit run`."""
    from streamlit import config

    option = config.get_config_options().get(name)
    if option is None:
        return None
    set_outside = os.environ.get(option.env_var)
    if set_outside is None:
        return config.get_option(name)
    if option.type is bool:
        return set_outside.lower() in {"1", "true", "t", "yes", "y", "on"}
    if option.type is int:
        return int(set_outside) if set_outside.isdigit() else None
    return set_outside
