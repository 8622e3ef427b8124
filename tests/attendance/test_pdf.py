"""Papers, read back by poppler."""

import re
from pathlib import Path

import pytest
from flask import Flask

from interact_events.attendance.pdf import (
    BADGES,
    Attendee,
    Occasion,
    SignedList,
    badges_pdf,
    lists_pdf,
    signs_pdf,
)
from interact_events.attendance.pdf.fit import clipped, fitting, shortened
from tests.core import poppler

OCCASION = Occasion(
    title="Simplified cost options in practice",
    dates="12–13 May 2027",
    place="Logomo, Turku, Finland",
    office="Interact Office Turku",
    hue="teal",
    publicity=("Co-funded by", "the European Union"),
)
ZOI = 'Ζωή "Žižka" <b>O\'Neil</b>'
LONGEST = "Villanueva-Fitzgerald " * 5 + "Y" * 10  # 120 characters
NAMES = [
    "Anna Virtanen",
    ZOI,
    LONGEST,
    "Борис Щербаков-Живков",
    "Гоце Ѓорѓиев Ќосе",
    "Գայանե Հակոբյան",
    "ნინო ბერიძე",
    "Łucja Źdźbło",
    "Þorgerður Ðal",
    "Ģirts Šķēle",
    "Győri Őszike",
]


def attendee(name: str = "Anna Virtanen", link: str = "https://events.example/c/1") -> Attendee:
    return Attendee(
        name,
        "Regional Council of Southwest Finland",
        "Controller",
        "Interreg VI-A Central Baltic",
        "Finland",
        link,
    )


def people(number: int) -> list[Attendee]:
    return [attendee(f"Person {n}", f"https://events.example/c/{n}") for n in range(number)]


def one_list(number: int) -> SignedList:
    return SignedList("Audits", "Wednesday 12 May 2027, 09:00–16:30 EEST", "Room 3", people(number))


def saved(content: bytes, folder: Path) -> Path:
    file = folder / "paper.pdf"
    file.write_bytes(content)
    return file


def text_of(file: Path, *options: str) -> str:
    return " ".join(poppler.run("pdftotext", *options, file, "-").split())


def info_of(file: Path) -> dict[str, str]:
    lines = poppler.run("pdfinfo", file).splitlines()
    return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}


def words_of(file: Path) -> list[tuple[float, float, float, float, str]]:
    """Each word with its place: left, top, right, bottom, in points."""
    found = re.findall(
        r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">([^<]+)',
        poppler.run("pdftotext", "-bbox", file, "-"),
    )
    return [(float(a), float(b), float(c), float(d), word) for a, b, c, d, word in found]


# -- all of them ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "title", "alternatives"),
    [
        (lambda: lists_pdf(OCCASION, [one_list(3)]), "Attendance list", 1),
        (lambda: badges_pdf(OCCASION, people(3), "sheet-90x54"), "Name badges", 3),
        (lambda: badges_pdf(OCCASION, people(3), "a6"), "Name badges", 6),
        (lambda: signs_pdf(OCCASION, people(3)), "Table signs", 0),
    ],
)
def test_each_is_tagged_and_says_what_it_is(
    app: Flask, tmp_path: Path, content: object, title: str, alternatives: int
) -> None:
    assert callable(content)
    file = saved(content(), tmp_path)
    info = info_of(file)
    assert info["Title"] == f"{title}: Simplified cost options in practice"
    assert (info["Tagged"], info["JavaScript"]) == ("yes", "no")
    assert info["Author"] == "Interact Office Turku"
    assert "pdfuaid:part" in poppler.run("pdfinfo", "-meta", file)
    assert b"/Lang (en)" in poppler.objects_of(file)
    tags = poppler.run("pdfinfo", "-struct-text", file)
    assert tags.count("Figure") == alternatives


@pytest.mark.parametrize("kind", ["list", "signs", *BADGES])
def test_every_european_script_is_embedded_and_read_back(
    app: Flask, tmp_path: Path, kind: str
) -> None:
    everybody = [attendee(name) for name in NAMES]
    if kind == "list":
        content = lists_pdf(OCCASION, [SignedList("Audits", "", "", everybody)])
    elif kind == "signs":
        content = signs_pdf(OCCASION, everybody)
    else:
        content = badges_pdf(OCCASION, everybody, kind)
    file = saved(content, tmp_path)
    text = text_of(file, "-raw").replace("- ", "-")
    assert [name for name in NAMES if name not in text] == []
    fonts = [line.split() for line in poppler.run("pdffonts", file).splitlines()[2:]]
    assert {(font[-5], font[-3]) for font in fonts} == {("yes", "yes")}  # embedded, to Unicode


# -- lists ---------------------------------------------------------------------------------------


def test_a_list_says_of_what_it_is_and_leaves_room_to_sign(app: Flask, tmp_path: Path) -> None:
    file = saved(lists_pdf(OCCASION, [one_list(2)]), tmp_path)
    text = text_of(file, "-layout")
    for words in (
        "Interact Office Turku",
        "Attendance list",
        "Co-funded by",
        "the European Union",
        "Simplified cost options in practice",
        "12–13 May 2027, Logomo, Turku, Finland",
        "Audits Wednesday 12 May 2027, 09:00–16:30 EEST, Room 3",
        "No. Name Institution Country Programme Role Signature",
        "Others who came 3 4 5 6 7",
        "Name of the organiser Date Signature of the organiser",
        "Page 1 of 1",
    ):
        assert words in text
    tags = poppler.run("pdfinfo", "-struct-text", file)
    order = [tags.index(part) for part in ("H1", "H2", "Table", "TH", '"Person 0"', '"Person 1"')]
    assert order == sorted(order)


def test_a_long_list_repeats_its_head_on_each_page(app: Flask, tmp_path: Path) -> None:
    file = saved(lists_pdf(OCCASION, [one_list(300)]), tmp_path)
    pages = poppler.run("pdftotext", "-layout", file, "-").split("\f")[:-1]
    assert len(pages) == int(info_of(file)["Pages"]) > 15
    for number, page in enumerate(pages, 1):
        assert "Signature" in page
        assert f"Page {number} of {len(pages)}" in page
        assert OCCASION.title in page
        assert "Co-funded by" in page
        assert "12 May 2027, 09:00–16:30" in page
    numbers = [int(n) for page in pages for n in re.findall(r"^ *(\d+) +Person", page, re.M)]
    assert numbers == list(range(1, 301))
    assert "Signature of the organiser" in pages[-1]


def test_each_list_of_several_is_numbered_by_itself(app: Flask, tmp_path: Path) -> None:
    file = saved(lists_pdf(OCCASION, [one_list(30), one_list(0)]), tmp_path)
    text = text_of(file)
    assert re.findall(r"Page \d of \d", text) == [
        *("Page 1 of 3", "Page 2 of 3", "Page 3 of 3"),
        "Page 1 of 1",
    ]


# -- badges --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "pages", "page_size"),
    [
        ("sheet-90x54", 3, "595.276 x 841.89 pts (A4)"),
        ("sheet-80x50", 3, "595.276 x 841.89 pts (A4)"),
        ("sheet-99x68", 3, "595.276 x 841.89 pts (A4)"),
        ("card-90x54", 21, "255.118 x 153.071 pts"),
        ("a6", 21, "297.638 x 419.528 pts"),
    ],
)
def test_twenty_one_badges_fill_their_pages(
    app: Flask, tmp_path: Path, size: str, pages: int, page_size: str
) -> None:
    file = saved(badges_pdf(OCCASION, people(21), size), tmp_path)
    info = info_of(file)
    assert (info["Pages"], info["Page size"]) == (str(pages), page_size)
    text = text_of(file, "-raw")
    for words in ("Person 20", "Controller", "Interreg VI-A Central Baltic", "Finland"):
        assert words in text


def test_sheets_of_several_batches_have_no_gaps(app: Flask, tmp_path: Path) -> None:
    told: list[int] = []
    file = saved(badges_pdf(OCCASION, people(121), "sheet-90x54", told.append), tmp_path)
    assert info_of(file)["Pages"] == "13"
    assert told == [50, 100]


@pytest.mark.parametrize("size", BADGES)
@pytest.mark.parametrize("name", [LONGEST, "W" * 120, "Щ" * 60, "ნ" * 60, "Bo Li"])
def test_no_text_leaves_its_badge_or_meets_the_code(
    app: Flask, tmp_path: Path, size: str, name: str
) -> None:
    institution = "Ministry of Regional Development and Union Funds, " * 4
    person = Attendee(name, institution, "Body with the accounting function", "P" * 40, "Bosnia")
    one_a_page = {"sheet-90x54": (90, 54), "card-90x54": (90, 54), "a6": (105, 148)}
    width, height = one_a_page.get(size, (80, 50) if size == "sheet-80x50" else (99.1, 67.7))
    left, top = {
        "sheet-90x54": (15, 13.5),
        "sheet-80x50": (17.5, 13.5),
        "sheet-99x68": (4.65, 13.1),
    }.get(size, (0, 0))
    mm = 72 / 25.4
    file = saved(badges_pdf(OCCASION, [person], size), tmp_path)
    words = words_of(file)
    assert min(word[0] for word in words) >= (left + 2) * mm
    assert max(word[2] for word in words) <= (left + width - 2) * mm
    assert max(word[3] for word in words) <= (top + height - 2) * mm
    foot = min(word[1] for word in words if word[4] in ("Body", "Bosnia"))
    assert max(word[3] for word in words if word[4] in ("Funds,", "Ministry")) <= foot + 1


def test_without_an_address_there_is_no_code(app: Flask, tmp_path: Path) -> None:
    file = saved(badges_pdf(OCCASION, [attendee(link="")], "a6"), tmp_path)
    assert poppler.run("pdfinfo", "-struct-text", file).count("Figure") == 1  # the emblem


def test_people_of_one_address_each_have_a_code(app: Flask, tmp_path: Path) -> None:
    file = saved(badges_pdf(OCCASION, [attendee(), attendee("Bo")], "card-90x54"), tmp_path)
    assert poppler.run("pdfinfo", "-struct-text", file).count("Figure") == 2


# -- how large -----------------------------------------------------------------------------------


def test_a_long_name_is_written_smaller_and_a_short_one_as_large_as_may_be() -> None:
    sizes = [fitting(name, 76, 17, 26) for name in ("Bo Li", "Anna Virtanen", NAMES[3], LONGEST)]
    assert sizes == sorted(sizes, reverse=True)
    assert (sizes[0], sizes[-1] >= 8) == (26, True)


def test_marks_above_letters_take_no_width() -> None:
    assert fitting("e\u0301" * 20, 76, 8, 26) == fitting("é" * 20, 76, 8, 26)


def test_a_title_is_clipped_to_its_line() -> None:
    assert clipped("Short", 76, 7) == "Short"
    long = clipped("Everything about simplified cost options " * 5, 76, 7)
    assert long.endswith("…")
    assert 40 < len(long) < 95


def test_an_institution_loses_its_last_words_rather_than_meet_what_is_below() -> None:
    assert shortened("Regional Council", 9, 76, 7) == "Regional Council"
    long = shortened("Ministry of Regional Development and Union Funds, " * 8, 6, 76, 7)
    assert long.startswith("Ministry of Regional")
    assert long.endswith("…")
    assert shortened("W" * 500, 6, 76, 7) == "…"
