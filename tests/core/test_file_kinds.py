import io
import string
import unicodedata
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact_events.core.file_kinds import (
    KINDS,
    LONGEST,
    cleaned_name,
    ending_of,
    problem_with,
    title_of,
)
from tests.materials.samples import SAMPLES, archive_of, office, open_document

# -- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Übersicht 2027.pdf", "Übersicht 2027.pdf"),
        ("C:\\Users\\zoi\\Ζωή.PDF", "Ζωή.PDF"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ('a"b<c>d|e?.csv', "a b c d e.csv"),
        ("line\r\nbreak.pdf", "linebreak.pdf"),
        ("gnp.\u202efdp.pdf", "gnp.fdp.pdf"),
        ("..hidden..pdf", "hidden.pdf"),
        (".pdf", "pdf"),
        ("%22quoted%22.pdf", "quoted.pdf"),
        ("   ", "file"),
        ("", "file"),
        ("a" * 300 + ".pptx", "a" * (LONGEST - 5) + ".pptx"),
    ],
)
def test_cleaned_names(sent: str, kept: str) -> None:
    assert cleaned_name(sent) == kept


@given(st.text(max_size=300) | st.text(string.printable, max_size=300))
def test_a_cleaned_name_is_safe_everywhere_and_stays_as_it_is(sent: str) -> None:
    name = cleaned_name(sent)
    assert 0 < len(name) <= LONGEST
    assert not set(name) & set('/\\<>:"|?*')
    assert all(unicodedata.category(c)[0] != "C" for c in name)
    assert not name.startswith(".")
    assert cleaned_name(name) == name


def test_a_title_from_a_name() -> None:
    assert title_of("unit_costs__v2-final.pdf") == "unit costs v2-final"


# -- kinds ---------------------------------------------------------------------------------------


def problem(name: str, content: bytes, most_mb: int = 1) -> str:
    return problem_with(name, io.BytesIO(content), most_mb=most_mb)


@pytest.mark.parametrize("ending", SAMPLES)
def test_each_kind_is_taken_in_any_case(ending: str) -> None:
    assert problem(f"a.{ending}", SAMPLES[ending]) == ""
    assert problem(f"a.{ending.upper()}", SAMPLES[ending]) == ""


SAME = {frozenset({"jpg", "jpeg"}), frozenset({"txt", "csv"})}


@given(st.sampled_from(sorted(SAMPLES)), st.sampled_from(sorted(SAMPLES)))
def test_a_file_of_one_kind_is_not_taken_for_another(is_: str, says: str) -> None:
    if is_ == says or {is_, says} in SAME or says == "zip":
        return  # an Office file is an archive as well
    assert "another kind" in problem(f"a.{says}", SAMPLES[is_])


@pytest.mark.parametrize(
    "name", ["a.exe", "a.html", "a.svg", "a.js", "a.docm", "a.pdf.exe", "pdf", "a.", "a.7z"]
)
def test_other_endings_are_refused(name: str) -> None:
    assert problem(name, SAMPLES["pdf"]).endswith("files of that type are not taken.")


@pytest.mark.parametrize("ending", sorted(SAMPLES))
@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\0\x03\0\0\0" + b"\0" * 50,
        b"\x7fELF\x02\x01\x01\0" + b"\0" * 50,
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"\xef\xbb\xbf \n<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<?xml version='1.0'?><svg/>",
        b"#!/bin/sh\nrm -rf /",
    ],
)
def test_programs_and_web_pages_are_refused_under_every_name(ending: str, content: bytes) -> None:
    assert problem(f"a.{ending}", content) != ""


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.docx", office("word/document.xml", "word/vbaProject.bin"), "macros"),
        ("a.xlsx", office("xl/workbook.xml", "xl/VBAPROJECT.BIN"), "macros"),
        ("a.odt", open_document("text", "Basic/Standard/Module1.xml"), "macros"),
        ("a.odt", open_document("text-template"), "another kind"),
        ("a.docx", office("xl/workbook.xml"), "another kind"),
        ("a.pptx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "password"),
        ("a.zip", archive_of({"in/setup.EXE": "x"}), "setup.EXE"),
        ("a.zip", archive_of({"page.html": "x"}), "page.html"),
        ("a.zip", archive_of({"run.exe.": "x"}), "run.exe"),
        ("a.zip", archive_of({"a/run.js. .": "x"}), "run.js"),
        ("a.zip", archive_of({"run.exe::$DATA": "x"}), "run.exe"),
        ("a.zip", archive_of({"sums.xlsb": "x"}), "sums.xlsb"),
        ("a.zip", archive_of({"more.zip": "x"}), "more.zip"),
        ("a.zip", SAMPLES["zip"][:60], "damaged"),
        ("a.odt", archive_of({"content.xml": "x"}), "another kind"),
        ("a.pdf", b"", "is empty"),
        ("a.pdf", b"%PDF-" + b"x" * 1024 * 1024, "1 MB at most"),
    ],
)
def test_what_is_wrong_is_said(name: str, content: bytes, why: str) -> None:
    assert why in problem(name, content)


def test_an_archive_with_a_password_is_refused() -> None:
    content = bytearray(SAMPLES["zip"])
    directory = content.index(b"PK\x01\x02")
    content[directory + 8] |= 1  # the flag "encrypted"
    with ZipFile(io.BytesIO(content)) as file:
        assert file.infolist()[0].flag_bits & 1
    assert "password" in problem("a.zip", bytes(content))


def test_a_file_of_just_the_limit_is_taken() -> None:
    assert problem("a.pdf", b"%PDF-" + b"x" * (1024 * 1024 - 5)) == ""


@given(st.sampled_from(sorted(KINDS)), st.binary(max_size=400))
def test_no_content_whatsoever_breaks_the_check(ending: str, content: bytes) -> None:
    assert isinstance(problem(f"a.{ending}", content), str)


@given(st.sampled_from(["docx", "odt", "zip"]), st.data())
def test_no_damaged_archive_breaks_the_check(ending: str, data: st.DataObject) -> None:
    content = bytearray(SAMPLES[ending])
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(4, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    assert isinstance(problem(f"a.{ending}", bytes(content)), str)


def test_the_ending_is_the_last_one() -> None:
    assert [ending_of(name) for name in ("a.PDF", "a.tar.gz", "a", ".pdf")] == ["pdf", "gz", "", ""]


def test_what_a_place_does_not_take_is_refused() -> None:
    content = io.BytesIO(SAMPLES["docx"])
    said = problem_with("a.docx", content, most_mb=1, done="kept", taken=("pdf", "png"))
    assert said == "“a.docx” can't be kept: files of that type are not taken."
