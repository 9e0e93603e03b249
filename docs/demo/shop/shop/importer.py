"""A command-line tool (see [project.scripts]): what it prints is what it is for."""

import sys


def main():
    for number, line in enumerate(sys.stdin, 1):
        print(f"{number}: {line.strip()}")
