"""Blanks: a document is laid out and written once, and its lines are filled in for each person.

The papers of an event differ by a name, a code and a few other words. Laying all of them out is the
same work again and again, and most of what a paper costs. A blank is laid out by WeasyPrint as any
other document; `data-line="name"` marks an element whose one line can be filled. What does not fit
in there is left to the caller, to be laid out whole.
"""

import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pydyf
from PIL import Image
from weasyprint.document import Document, Page
from weasyprint.draw.text import draw_first_line
from weasyprint.formatting_structure import boxes
from weasyprint.images import RasterImage
from weasyprint.matrix import Matrix
from weasyprint.pdf import VARIANTS
from weasyprint.pdf.stream import Stream
from weasyprint.text.line_break import split_first_line

from interact_events.core.pdf import VARIANT, About, excerpt

SPACE = re.compile(r"[ \t\r\n\f]+")
CLOSE = 1e-6  # lengths that are the same

Fonts = dict[Any, Any]  # WeasyPrint's, as it finds them
Letters = tuple[dict[int, str], dict[int, float]]  # of a font by glyph: its text and its width
Drawn = list[Any]  # what the stream of a page says
ByPage = list[list[Drawn]]


@dataclass(frozen=True)
class Filling:
    """What one file says in its lines and of itself; its pictures (PNG) by their addresses."""

    lines: Mapping[str, str]
    pictures: Mapping[str, bytes]
    about: About


def filled(blank: Document, fillings: Sequence[Filling]) -> list[bytes | None]:
    """A file for each, or nothing for one with a line that needs more room than the blank has.

    Their fonts hold the letters of all of them: so they are worked out once.
    """
    pages = [WatchedPage(page) for page in blank.pages]
    copy = blank.copy(pages)
    lines = Lines(pages, copy.fonts)
    drawn = [lines.drawn(each.lines) for each in fillings]
    form = Form(copy, pages, lines)
    pairs = zip(drawn, fillings, strict=True)
    return [form.file(words, each) if words is not None else None for words, each in pairs]


class WatchedPage(Page):  # type: ignore[misc]  # WeasyPrint has no types
    """A page that remembers where it was painted, and which mark each of its texts got."""

    def __init__(self, page: Page) -> None:
        self.__dict__.update(page.__dict__)
        self.stream: Any = None
        self.marks: dict[Any, int] = {}

    def paint(self, stream: Any, scale: float = 1) -> None:
        super().paint(stream, scale)
        self.stream = stream
        self.marks = {box: tag["mcid"] for box, tag in stream._tags.items()}

    def boxes(self) -> Iterator[Any]:
        yield from self._page_box.descendants(placeholders=True)

    def lines(self) -> Iterator["Line"]:
        """Those to be filled."""
        for box in self.boxes():
            if isinstance(box, boxes.BlockContainerBox) and box.element is not None:
                name = box.element.get("data-line")
                if name:
                    yield Line.of(name, box)


# -- lines ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """Where one of the blank's lines stands."""

    name: str
    text: Any  # its box
    left: float
    room: float
    size: tuple[float, float]  # its height, and how deep letters stand in it

    @classmethod
    def of(cls, name: str, block: Any) -> "Line":
        """The only line of a block; anything else is a mistake in the template."""
        ((text,),) = (line.children for line in block.children)
        *_, height, baseline = split_first_line(text.text, text.style, None, block.width, 0)
        return cls(name, text, block.content_box_x(), block.width, (height, baseline))

    def drawn(self, words: str, fonts: Fonts) -> Drawn | None:
        """Other words in this line; nothing where they do not fit, or where letters of another
        font would make it higher, are pictures, or look like others that were copied as such."""
        text, style = SPACE.sub(" ", words).strip(" "), self.text.style
        if not text:
            return None
        layout, _, rest, width, *size = split_first_line(text, style, None, self.room, 0)
        if rest is not None or width > self.room or tuple(size) != self.size:
            return None
        box = self.text.copy_with_text(text)
        box.pango_layout = layout
        box.position_x = self._start(width)
        return _drawn(box, fonts)

    def _start(self, width: float) -> float:
        """Where words of this width begin, aligned as the blank's own are."""
        slack = self.room - self.text.width
        share = (self.text.position_x - self.left) / slack if slack > CLOSE else 0.0
        return float(self.left + share * (self.room - width))


def _drawn(box: Any, fonts: Fonts) -> Drawn | None:
    """What a stream says for a text; the fonts know its letters then, or nothing of it."""
    stream, known = Stream(fonts, None, {}, {}, None, {}, None), _taken_out(fonts)
    box.pango_layout.reactivate(box.style)
    place = Matrix(d=-1, e=box.position_x, f=box.position_y + box.baseline)
    pictures = draw_first_line(stream, box, "clip", "none", place)
    box.pango_layout.deactivate()
    is_good = not pictures and all(_agree(known.get(key), font) for key, font in fonts.items())
    _put_back(known, fonts, keeps_new=is_good)
    return list(stream.stream) if is_good else None


def _taken_out(fonts: Fonts) -> dict[Any, Letters]:
    known = {key: (font.to_unicode, font.widths.copy()) for key, font in fonts.items()}
    for font in fonts.values():
        font.to_unicode = {}
    return known


def _agree(known: Letters | None, font: Any) -> bool:
    """One shape can stand for two letters, such as both sorts of spaces: then what is copied out
    of one file must not depend on the others'."""
    texts = known[0] if known else {}
    return not font.missing and all(
        texts.get(glyph, text) == text for glyph, text in font.to_unicode.items()
    )


def _put_back(known: Mapping[Any, Letters], fonts: Fonts, *, keeps_new: bool) -> None:
    for key, font in list(fonts.items()):
        if keeps_new:
            font.to_unicode = {**known.get(key, ({}, {}))[0], **font.to_unicode}
        elif key in known:
            font.to_unicode, font.widths = known[key]
            font.missing.clear()
        else:
            del fonts[key]


@dataclass
class Lines:
    """All lines of a blank's pages, and what was drawn in them: many people have the same hours,
    role or institution."""

    pages: Sequence[WatchedPage]
    fonts: Fonts
    known: dict[tuple[Line, str], Drawn | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_page = [list(page.lines()) for page in self.pages]
        for page in self.pages:
            for box in page.boxes():
                if isinstance(box, boxes.TextBox):
                    _drawn(box, self.fonts)  # what all files say decides on their letters

    def drawn(self, words: Mapping[str, str]) -> ByPage | None:
        """Of one file; nothing where a line does not fit."""
        whole: ByPage = []
        for lines in self.by_page:
            whole.append([])
            for line in lines:
                drawn = self._drawn(line, words[line.name])
                if drawn is None:
                    return None
                whole[-1].append(drawn)
        return whole

    def _drawn(self, line: Line, words: str) -> Drawn | None:
        key = line, words
        if key not in self.known:
            self.known[key] = line.drawn(words, self.fonts)
        return self.known[key]


# -- files ---------------------------------------------------------------------------------------


class Form:
    """A blank as it is written, with gaps where files differ."""

    def __init__(self, document: Document, pages: Sequence[WatchedPage], lines: Lines) -> None:
        self.document = document
        document.write_pdf(pdf_variant=VARIANT, finisher=lambda _, pdf: self._keep(pdf))
        document.url_fetcher.insist()
        self.pages = pages
        self.frames = [
            Frame(page, [page.marks[line.text] for line in of_page])
            for page, of_page in zip(pages, lines.by_page, strict=True)
        ]
        self.pictures = dict(self._pictures())
        self.body: Body | None = None

    def _keep(self, pdf: pydyf.PDF) -> None:
        pdf.add_object(pdf.info)
        self.pdf = pdf

    def _pictures(self) -> Iterator[tuple[str, tuple[int, str]]]:
        """By address: the number of the object in the file, and what WeasyPrint calls it."""
        for page in self.pages:
            objects: dict[str, bytes] = page.stream._resources["XObject"]
            for box in page.boxes():
                name = getattr(getattr(box, "replacement", None), "id", "")
                for key in objects if name else ():
                    if key.startswith(f"i{name}"):
                        yield box.element.get("src"), (_number(objects[key]), name)

    def file(self, words: ByPage, filling: Filling) -> bytes:
        """The blank with these words and pictures."""
        changed = self._streams(words) | self._drawn(filling.pictures) | self._about(filling.about)
        if self.body is None:
            self.body = Body(self.pdf, changed)
        return self.body.file(changed)

    def _streams(self, words: ByPage) -> dict[int, pydyf.Object]:
        return {
            frame.number: pydyf.Stream([frame.with_words(drawn)], compress=True)
            for frame, drawn in zip(self.frames, words, strict=True)
        }

    def _drawn(self, pictures: Mapping[str, bytes]) -> dict[int, pydyf.Object]:
        return {
            number: RasterImage(Image.open(BytesIO(picture)), name, picture).get_x_object(False, 1)
            for picture, (number, name) in (
                (picture, self.pictures[address]) for address, picture in pictures.items()
            )
        }

    def _about(self, about: About) -> dict[int, pydyf.Object]:
        """What it says of itself, in both places where a PDF has it."""
        metadata = excerpt(self.document, [], about)
        scratch = pydyf.PDF()
        write, _ = VARIANTS[VARIANT]
        write(scratch, metadata, [], [], compress=True)
        info = {"Title": pydyf.String(about.title), "Subject": pydyf.String(about.description)}
        return {
            _number(self.pdf.catalog["Metadata"]): scratch.objects[-1],
            self.pdf.info.number: pydyf.Dictionary({**self.pdf.info, **info}),
        }


class Frame:
    """What a page's stream says around its lines; `marks` are those of the lines."""

    def __init__(self, page: WatchedPage, marks: Sequence[int]) -> None:
        self.number = page.stream.number
        self.order = sorted(range(len(marks)), key=marks.__getitem__)  # as they were painted
        self.parts = list(_parts(page.stream.stream, [marks[at] for at in self.order]))

    def with_words(self, words: Sequence[Drawn]) -> bytes:
        said = [self.parts[0]]
        for at, part in zip(self.order, self.parts[1:], strict=True):
            said += [_joined(words[at]), part]
        return b"\n".join(said)


def _parts(stream: Drawn, marks: Sequence[int]) -> Iterator[bytes]:
    """What stands before, between and behind the marked texts, and around them in their marks."""
    begins = {
        item["MCID"]: at for at, item in enumerate(stream) if isinstance(item, pydyf.Dictionary)
    }
    done = 0
    for mark in marks:
        start = stream.index(b"BT", begins[mark]) + 1
        yield _joined(stream[done:start])
        done = stream.index(b"ET", start)
    yield _joined(stream[done:])


def _joined(stream: Drawn) -> bytes:
    return b"\n".join(map(_bytes, stream))


def _bytes(item: Any) -> bytes:
    if isinstance(item, bytes):
        return item
    return bytes(item.data) if isinstance(item, pydyf.Object) else str(item).encode()


def _number(reference: bytes) -> int:
    return int(reference.split()[0])


class Body:
    """All objects of a file but those that change, with the table that says where each is."""

    IN_FILE, IN_STREAM = 1, 2
    ROW = struct.Struct(">BIH")

    def __init__(self, pdf: pydyf.PDF, changed: Mapping[int, pydyf.Object]) -> None:
        self.root, self.info = pdf.catalog.reference, pdf.info.reference
        self.rows = [(0, 0, 0xFFFF)] * len(pdf.objects)
        same = [each for each in pdf.objects[1:] if each.number not in changed]
        self.start = b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n"
        for each in same:
            if not each.compressible:
                self.rows[each.number] = self.IN_FILE, len(self.start), 0
                self.start += each.indirect + b"\n"
        self._add_small([each for each in same if each.compressible])

    def _add_small(self, objects: Sequence[pydyf.Object]) -> None:
        """They are compressed together, as one object."""
        number, data, offsets = len(self.rows), [each.data for each in objects], []
        at = 0
        for index, (each, content) in enumerate(zip(objects, data, strict=True)):
            self.rows[each.number] = self.IN_STREAM, number, index
            offsets.append(f"{each.number} {at}")
            at += len(content) + 1
        index_of = " ".join(offsets).encode()
        extra = {"Type": "/ObjStm", "N": len(objects), "First": len(index_of) + 1}
        stream = pydyf.Stream([index_of, *data], extra, compress=True)
        stream.number = number
        self.rows.append((self.IN_FILE, len(self.start), 0))
        self.start += stream.indirect + b"\n"

    def file(self, changed: Mapping[int, pydyf.Object]) -> bytes:
        """With these objects in their places."""
        rows, parts, at = self.rows.copy(), [self.start], len(self.start)
        for number, each in changed.items():
            each.number, rows[number] = number, (self.IN_FILE, at, 0)
            parts.append(each.indirect + b"\n")
            at += len(parts[-1])
        rows.append((self.IN_FILE, at, 0))
        parts += [self._table(rows).indirect, f"\nstartxref\n{at}\n%%EOF\n".encode()]
        return b"".join(parts)

    def _table(self, rows: Sequence[tuple[int, int, int]]) -> pydyf.Stream:
        extra = {
            "Type": "/XRef",
            "W": pydyf.Array([1, 4, 2]),
            "Size": len(rows),
            "Root": self.root,
            "Info": self.info,
        }
        packed = b"".join(self.ROW.pack(*row) for row in rows)
        table = pydyf.Stream([packed], extra, compress=True)
        table.number = len(rows) - 1
        return table
