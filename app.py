"""The WSGI entry point."""

from interact_events.factory import create_app

app = create_app()
