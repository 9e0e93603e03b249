"""Random files against the checks of one file: `python -m tests.fuzz --minutes 30`."""
