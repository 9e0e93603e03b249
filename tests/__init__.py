"""Tests of Holdfast; none reads or leaves answers in the user's cache folder."""

import os

os.environ["HOLDFAST_CACHE_DIR"] = ""
