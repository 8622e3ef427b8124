"""Style sheets, scripts and pictures: each under a name that changes with it, so that browsers keep
it for a year, and sent zipped. All style sheets are one file, as each waits before the first paint.
"""

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import flask_bootstrap
from flask import Flask, Response, abort, request, url_for

from interact_events.core.web.access import public
from interact_events.core.web.kept import takes_gzip

SITE = "css/site.css"
BOOTSTRAP = Path(flask_bootstrap.__file__).parent / "static/bootstrap5/css/bootstrap.min.css"
# What comes later wins; a sheet that is not named here comes last.
ORDER = ("theme", "hues", "layout", "forms", "events", "calendar", "feeds", "registrations")
KEPT = "public, max-age=31536000, immutable"
ASKED = "public, no-cache"  # of a name without a mark, or with that of another release
MARKED = re.compile(r"\.[0-9a-f]{12}(?=\.[a-z0-9]+$)")
IMPORTED = re.compile(r'(?<=from "\./)([\w-]+\.js)(?=")')
ZIPPED = {".css", ".js", ".svg", ".json", ".txt"}


@dataclass(frozen=True)
class Asset:
    """A file as it is sent."""

    name: str
    body: bytes

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()[:12]

    @cached_property
    def marked(self) -> str:
        """ "js/copy.0123456789ab.js"."""
        stem, _, ending = self.name.rpartition(".")
        return f"{stem}.{self.digest}.{ending}"

    @cached_property
    def zipped(self) -> bytes | None:
        """Nothing where zipping gains nothing."""
        if Path(self.name).suffix not in ZIPPED:
            return None
        return gzip.compress(self.body, compresslevel=9, mtime=0)


class Assets:
    """All that the folder holds, read once; names of files that import others are known by those
    names too, so that a changed one is fetched wherever it is imported."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, Asset] = {}

    def __getitem__(self, name: str) -> Asset:
        """The asset of that plain name; KeyError where there is none."""
        if name not in self._read:
            self._read[name] = Asset(name, self._body(name))
        return self._read[name]

    def __contains__(self, name: object) -> bool:
        return name == SITE or name in self._names

    @cached_property
    def _names(self) -> frozenset[str]:
        files = (path for path in self._folder.rglob("*") if path.is_file())
        return frozenset(path.relative_to(self._folder).as_posix() for path in files)

    def _body(self, name: str) -> bytes:
        if name not in self:
            raise KeyError(name)
        if name == SITE:
            return b"\n".join(path.read_bytes() for path in [BOOTSTRAP, *self.sheets])
        body = (self._folder / name).read_bytes()
        return self._with_imports(name, body) if name.endswith(".js") else body

    def _with_imports(self, name: str, body: bytes) -> bytes:
        beside = Path(name).parent.as_posix()
        return IMPORTED.sub(
            lambda found: Path(self[f"{beside}/{found[1]}"].marked).name, body.decode()
        ).encode()

    @property
    def sheets(self) -> list[Path]:
        """The style sheets of the site in their order."""
        rank = {name: number for number, name in enumerate(ORDER)}
        found = sorted((self._folder / "css").glob("*.css"))
        return sorted(found, key=lambda path: rank.get(path.stem, len(rank)))


def init_app(app: Flask) -> None:
    """`url_for("static", …)` gives marked names from then on."""
    assets = Assets(Path(str(app.static_folder)))

    @app.url_defaults
    def mark(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and values.get("filename") in assets:
            values["filename"] = assets[values["filename"]].marked

    @public
    def static(filename: str) -> Response:
        plain = MARKED.sub("", filename)
        if plain not in assets:
            abort(404)
        asset = assets[plain]
        return _sent(asset, is_present=filename == asset.marked)

    app.view_functions["static"] = static
    app.jinja_env.globals["style_sheet"] = lambda: url_for("static", filename=SITE)


def _sent(asset: Asset, *, is_present: bool) -> Response:
    """Under its name it never changes. Any other name is an older one, and gets what there is."""
    kind = mimetypes.guess_type(asset.name)[0] or "application/octet-stream"
    response = Response(
        asset.body, content_type=f"{kind}; charset=utf-8" if _is_text(kind) else kind
    )
    if asset.zipped and takes_gzip(request.headers.get("Accept-Encoding", "")):
        response.set_data(asset.zipped)
        response.content_encoding = "gzip"
    response.headers["Cache-Control"] = KEPT if is_present else ASKED
    response.vary.add("Accept-Encoding")
    response.set_etag(asset.digest + ("-gzip" if response.content_encoding else ""))
    response.make_conditional(request)
    return response


def _is_text(kind: str) -> bool:
    return kind.startswith("text/") or kind.endswith("javascript")
