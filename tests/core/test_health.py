from tests.client import Client


def test_healthz_answers_a_stranger(client: Client) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_readyz_finds_the_tables(client: Client) -> None:
    assert client.get("/readyz").json == {"status": "ok"}
