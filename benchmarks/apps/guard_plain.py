"""The probe by plain `streamlit run`."""

from guard_probe import main

main()
