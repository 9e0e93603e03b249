"""Settings: no layer."""

DEBUG = False
