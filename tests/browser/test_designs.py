"""The editor of a design draws what is typed, and says why where it can't."""

from collections.abc import Callable

from playwright.sync_api import Page, expect


def test_the_preview_follows_what_is_typed(open_page: Callable[..., Page]) -> None:
    page = open_page(as_="lead.vienna@demo.example")
    page.goto("/offices/vienna/certificate-design")
    said, frame = page.locator("[data-status]"), page.locator(".design-preview iframe")
    expect(said).to_contain_text("As it would be issued now", timeout=20_000)
    first = frame.get_attribute("src") or ""
    assert first.startswith("blob:")
    page.get_by_label("Accent colour", exact=True).fill("#ffcc00")
    expect(said).to_contain_text("too light to be read", timeout=20_000)
    page.get_by_label("Accent colour", exact=True).fill("#00644f")
    expect(said).to_contain_text("As it would be issued now", timeout=20_000)
    assert frame.get_attribute("src") != first
    page.set_viewport_size({"width": 360, "height": 800})
    expect(page.get_by_role("button", name="Preview as PDF")).to_be_visible()
