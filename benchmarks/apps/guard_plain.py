"""The probe by plain `streamlit run`."""

from benchmarks.apps.guard_probe import main

main()
