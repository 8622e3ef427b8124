"""Reads PDFs back with poppler, which shares no code with what wrote them."""

import re
import shutil
import subprocess
import zlib
from pathlib import Path


def run(tool: str, *arguments: str | Path) -> str:
    """What the tool prints; without it the test fails and says what to install."""
    assert shutil.which(tool), f"{tool} is missing: install poppler-utils"
    done = subprocess.run(
        [tool, *map(str, arguments)], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    return done.stdout


def objects_of(file: Path) -> bytes:
    """All compressed objects, written out."""
    streams = re.findall(rb"stream\n(.*?)\nendstream", file.read_bytes(), re.S)
    return b"\n".join(zlib.decompress(stream) for stream in streams if stream[:1] == b"x")
