"""The reference: Flask and nothing else, answering with bytes that it holds in memory."""

import os
from pathlib import Path

from flask import Flask, Response

app = Flask(__name__, static_folder=None)


def _serve(path: str, body: bytes, content_type: str) -> None:
    app.add_url_rule(path, path, lambda: Response(body, content_type=content_type))


for _folder in sorted(Path(os.environ["BENCH_PAGES"]).iterdir()):
    _serve(
        (_folder / "path").read_text(),
        (_folder / "body").read_bytes(),
        (_folder / "content-type").read_text(),
    )
_serve("/healthz", b"ok", "text/plain")
