"""Packages from PyPI to look at: downloaded and unpacked, never installed."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path


def fetch(requirement: str, folder: Path) -> Path:
    """A wheel, unpacked and not installed."""
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    subprocess.run([*download, "--python-version", "3.13", "--dest", folder, requirement], check=True)
    (wheel,) = folder.glob("*.whl")
    target = folder / "unpacked"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target
