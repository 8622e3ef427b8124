"""A test client that checks every page it fetches and fills in forms as a person does."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import current_app
from flask.testing import FlaskClient
from sqlalchemy import Connection, event
from sqlalchemy.engine.interfaces import ExecuteStyle
from werkzeug.test import TestResponse

from interact_events.accounts.actions import begin_sign_in
from interact_events.accounts.models import User
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.versions import READ

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Client(FlaskClient):
    """Requests see what the test has written and the test sees what they wrote."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        db.session.commit()
        with current_app.app_context():  # a session and a `g` of its own, as in production
            response = super().open(*args, **kwargs)
        db.session.expire_all()
        if response.mimetype == "text/html" and not response.content_encoding:
            _check(response.get_data(as_text=True))
        return response

    def sign_in(self, user: User) -> None:
        """Sign in without the form, which has tests of its own."""
        token = begin_sign_in(user, now=clock.now())
        db.session.commit()
        with self.session_transaction() as session:
            session["_user_id"] = token
            session["_fresh"] = True

    def press(self, address: str, /, *, page: str | None = None, **fields: Any) -> TestResponse:
        """POST `fields` with the CSRF token that the form on `page` (default: any page) holds."""
        form = self.get(page or "/contact").get_data(as_text=True)
        token = TOKEN.search(form)
        return self.post(
            address, data=fields | {"csrf_token": token.group(1) if token else self._token()}
        )

    def _token(self) -> str:
        """The token of a stranger, whose contact page holds no form."""
        found = TOKEN.search(self.get("/sign-in").get_data(as_text=True))
        assert found, "the sign-in page has a form"
        return found.group(1)


def _check(html: str) -> None:
    """No page may carry what the content security policy forbids or a template left undone."""
    assert " style=" not in html, "inline style"
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/ld\+json)", html), (
        "inline script"
    )
    assert not re.search(r"\son[a-z]+=", html), "inline event handler"
    typed = re.compile(r"<textarea.*?</textarea>|<input[^>]*>", re.DOTALL)  # words of mails
    assert "{{" not in typed.sub("", html), "unrendered template"
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids)), f"an id twice: {sorted(i for i in ids if ids.count(i) > 1)}"


@contextmanager
def counted(connection: Connection) -> Iterator[list[str]]:
    """The statements that run inside, without savepoints and the one on a connection of its own
    that asks whether a kept page holds; none is kept from before. What is executed for many sets of
    values is as many statements, as it is for PostgreSQL."""
    statements: list[str] = []
    current_app.extensions["kept_pages"].forget()

    def note(
        _c: object, _cursor: object, statement: str, values: Any, context: Any, _many: bool
    ) -> None:
        if "SAVEPOINT" not in statement and not statement.startswith(READ):
            is_for_each = context.execute_style is ExecuteStyle.EXECUTEMANY
            statements.extend([statement] * (len(values) if is_for_each else 1))

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(connection, "before_cursor_execute", note)
