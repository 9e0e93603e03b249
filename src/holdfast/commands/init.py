"""x"""

import argparse


def arguments(p: argparse.ArgumentParser) -> None:
    "x"


def run(o: argparse.Namespace) -> int:
    "x"
    return 0
