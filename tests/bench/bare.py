"""The reference: Flask and nothing else, answering with bytes that it holds in memory."""

import os
from pathlib import Path

from flask import Flask, Response

app = Flask(__name__, static_folder=None)


def _serve(path: str, body: bytes, content_type: str, status: int = 200) -> None:
    app.add_url_rule(path, path, lambda: Response(body, status, content_type=content_type))


for _folder in sorted(Path(os.environ["BENCH_PAGES"]).iterdir()):
    _serve(
        f"/{_folder.name}",
        (_folder / "body").read_bytes(),
        (_folder / "content-type").read_text(),
        int((_folder / "status").read_text()),
    )
_serve("/healthz", b"ok", "text/plain")
