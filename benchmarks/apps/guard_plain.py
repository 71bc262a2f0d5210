"""The probe in a plain app."""

from guard_probe import main

main()
