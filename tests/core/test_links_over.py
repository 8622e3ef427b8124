"""Links from mails that do not work, whatever they were for."""

import pytest

from tests.client import Client

LINKS = (
    "/confirm/",
    "/reset-password/",
    "/invitations/",
    "/nominations/",
    "/handovers/",
    "/news/off/",
)


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("token", ["csv", "eyJpZCI6MX0.damaged", "é" * 20])
def test_a_damaged_link_is_answered_by_one_page(client: Client, link: str, token: str) -> None:
    answer = client.get(f"{link}{token}")
    assert answer.status_code == 410
    assert "<h1>This link does not work</h1>" in answer.text
    assert "It is damaged, was used already, was replaced by a newer one" in answer.text
