"""An office shares slides, tells who came, and they open them from the mail."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.test_crawl import flaws
from tests.browser.test_paths import newest_mail_to
from tests.materials.samples import PDF, SAMPLES

pytestmark = pytest.mark.xdist_group("paths")

OpenPage = Callable[..., Page]
EVENT = "Simplified cost options in practice"
PAGE = "/offices/turku/events/simplified-cost-options-in-practice/materials"
CAME = "controller@demo.example"


def file(name: str, content: bytes) -> FilePayload:
    """What a person chooses on their disk."""
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def test_materials_reach_those_who_came(open_page: OpenPage) -> None:
    slides = file("Slides_day_1.pdf", PDF)
    staff = open_page("editor.turku@demo.example")
    staff.goto(PAGE)
    staff.get_by_role("link", name="Add files").click()
    staff.get_by_label("Files").set_input_files([slides, file("trap.pdf", b"MZ\x90\0")])
    staff.get_by_label("Those who came", exact=True).check()
    staff.get_by_role("button", name="Add the files").click()
    expect(staff.get_by_role("alert")).to_contain_text("“trap.pdf” can't be shared")
    expect(staff.get_by_label("Those who came", exact=True)).to_be_checked()
    assert flaws(staff) == []
    staff.get_by_label("Files").set_input_files([slides, file("Ζωή.pptx", SAMPLES["pptx"])])
    staff.get_by_role("button", name="Add the files").click()
    expect(staff.get_by_role("status")).to_contain_text("2 files added. Nobody is told yet.")

    staff.get_by_role("button", name="Move Ζωή up").click()
    below = staff.locator("tr:has(th a:text-is('Ζωή')) + tr").locator("th a")
    expect(below).to_have_text("Slides day 1")
    assert flaws(staff) == []
    button = staff.get_by_role("button", name=re.compile(r"^Tell \d+ people$"))
    number = button.inner_text().split()[1]
    button.click()
    expect(staff.get_by_role("status")).to_contain_text(f"{number} people get a mail.")
    expect(button).to_have_count(0)
    _open_from_the_mail(open_page(width=360))


def _open_from_the_mail(page: Page) -> None:
    mail = newest_mail_to(page, CAME, EVENT)
    link = re.search(r"Slides day 1 \(PDF, \d+ KB\):\s+(http\S+)", mail)
    assert link
    page.goto(link.group(1))
    expect(page.get_by_text("Please sign in to open that page.")).to_be_visible()
    with page.expect_download() as caught:
        page.get_by_label("E-mail").fill(CAME)
        page.get_by_label("Password", exact=True).fill("interact demo 2026")
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
    assert caught.value.suggested_filename == "Slides_day_1.pdf"
    assert Path(caught.value.path()).read_bytes() == PDF

    page.goto("/my/materials")
    with page.expect_download() as caught:
        page.get_by_role("link", name="Ζωή", exact=True).click()
    assert caught.value.suggested_filename == "Ζωή.pptx"
    assert flaws(page) == []


def test_a_file_that_is_too_large_is_named_before_it_is_sent(
    open_page: OpenPage, tmp_path: Path
) -> None:
    large = tmp_path / "recording.mp4"
    with large.open("wb") as target:
        target.truncate(26 * 1024 * 1024)
    page = open_page("editor.turku@demo.example")
    page.goto(f"{PAGE}/add")
    page.get_by_label("Files").set_input_files(large)
    page.get_by_role("button", name="Add the files").click()
    assert page.get_by_label("Files").evaluate("input => input.validationMessage") == (
        "“recording.mp4” is too large; a file may have 25 MB at most."
    )
    expect(page).to_have_url(re.compile("/add$"))


def test_a_confirm_step_stands_before_a_deletion(open_page: OpenPage) -> None:
    page = open_page(width=360)
    sign_in(page, "editor.turku@demo.example")
    page.goto(f"{PAGE}/add-link")
    page.get_by_label("Title").fill("Recording")
    page.get_by_label("Address").fill("https://video.example.eu/1")
    page.get_by_role("button", name="Add the link").click()
    summary = page.locator("summary", has_text="Delete Recording")
    expect(summary).to_be_visible()
    page.wait_for_load_state()
    delete = page.get_by_role("button", name="Yes, delete Recording")
    expect(delete).to_be_hidden()
    summary.click()
    delete.click()
    expect(page.get_by_role("status")).to_contain_text("“Recording” is deleted.")
    page.wait_for_load_state()
    expect(page.get_by_role("link", name="Recording", exact=True)).to_have_count(0)
