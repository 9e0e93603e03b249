"""Run the fuzz target by hand: `python -m tests.fuzz --minutes 30 [FOLDER ...]`. A failure prints its seed and ends with 1."""

from __future__ import annotations

import argparse
import sys
import time

from tests.fuzz import inputs, oracle


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Check random files until the time is over.")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=0, help="the first seed; the following files have the next ones")
    parser.add_argument("folders", nargs="*", help="where the files to mutate come from (default: the standard library)")
    options = parser.parse_args()
    files = inputs.corpus(options.folders)
    start, seed, failures = time.monotonic(), options.seed, 0
    while time.monotonic() - start < options.minutes * 60:
        problem = oracle.problem(inputs.make(seed, files))
        if problem:
            failures += 1
            sys.stdout.write(f"seed {seed}: {problem}\n")
            sys.stdout.flush()
        seed += 1
    sys.stdout.write(f"{seed - options.seed} files from {len(files)} in {options.minutes:g} minutes, {failures} failures\n")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
