"""Known findings, which may only decrease: entries and their matching, and the file that stores them."""
