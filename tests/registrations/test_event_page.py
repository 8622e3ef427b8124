from interact_events.events.models import Admission, Mode
from tests import make
from tests.client import Client


def test_event_page_opens_for_a_stranger(client: Client) -> None:
    event = make.event()
    page = client.get(f"/events/{event.slug}").get_data(as_text=True)
    assert "20 seats left" in page
