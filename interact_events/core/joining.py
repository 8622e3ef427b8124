"""Joins PDF files into one, with a note across the top of each page.

What it has read it writes to disk, some files at a time; in the end memory holds what describes the
pages (some 250 kB each), not what is on them. Signatures don't survive: they cover single files.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from io import BytesIO
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from pikepdf import Array, Name, OutlineItem, Pdf, Rectangle

AT_ONCE = 50  # files in memory
ACROSS = 17.0  # points, the height of the note

Named = tuple[str, bytes]  # what the outline calls a file, and the file


def join(
    files: Iterable[Named],
    out: BinaryIO,
    *,
    note: bytes,
    told: Callable[[int], None],
) -> None:
    """Write the pages of all `files` to `out`; `note` is a file of one page, wide and flat."""
    with TemporaryDirectory() as folder, ExitStack() as opened, Pdf.new() as whole:
        first: list[tuple[str, int]] = []
        for path, starts in _parts(files, Path(folder), told):
            part = opened.enter_context(Pdf.open(path))
            first += [(name, len(whole.pages) + at) for name, at in starts]
            whole.pages.extend(part.pages)
        _stamp(whole, note)
        with whole.open_outline() as outline:
            outline.root.extend(OutlineItem(name, page) for name, page in first)
        whole.save(out)


def _parts(
    files: Iterable[Named], folder: Path, told: Callable[[int], None]
) -> Iterator[tuple[Path, list[tuple[str, int]]]]:
    """Files of some files each, and on which page of theirs each begins."""
    left, done = iter(files), 0
    for number in count():
        some = list(islice(left, AT_ONCE))
        if not some:
            return
        path, starts = folder / f"{number}.pdf", []
        with Pdf.new() as part, ExitStack() as opened:
            for name, content in some:
                starts.append((name, len(part.pages)))
                source = opened.enter_context(Pdf.open(BytesIO(content)))
                _without_signature(source)
                part.pages.extend(source.pages)
                done += 1
                told(done)
            part.save(path)
        yield path, starts


def _without_signature(source: Pdf) -> None:
    """Links stay; the empty field of a signature would look like a broken one."""
    if Name.AcroForm in source.Root:
        del source.Root.AcroForm
    for page in source.pages:
        held = page.obj.get(Name.Annots)
        if held is not None:
            kept = [each for each in held if each.get(Name.Subtype) != Name.Widget]
            page.obj[Name.Annots] = Array(kept)


def _stamp(whole: Pdf, note: bytes) -> None:
    """The same drawing on each page, kept once."""
    with Pdf.open(BytesIO(note)) as source:
        drawing = whole.copy_foreign(source.pages[0].as_form_xobject())
        for page in whole.pages:
            left, _, right, top = (float(number) for number in page.mediabox)
            page.add_overlay(drawing, Rectangle(left, top - ACROSS, right, top))
