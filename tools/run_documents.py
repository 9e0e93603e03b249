"""Run the commands that the documentation shows, and write their output into it: python tools/run_documents.py [DOCUMENT ...]

Use it after a message has changed. tests/test_documents.py fails where shown output is not the real one.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests import documents  # noqa: E402


def main(arguments: list[str]) -> int:
    failed = False
    for document in [Path(argument).resolve() for argument in arguments] or documents.every():
        with tempfile.TemporaryDirectory() as temporary:
            text, wrong = documents.with_real_output(document, Path(temporary))
        for sentence in wrong:
            print(sentence)
        failed = failed or bool(wrong)
        if text != document.read_text("utf-8"):
            document.write_text(text, "utf-8")
            print(f"written: {documents.name(document)}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
