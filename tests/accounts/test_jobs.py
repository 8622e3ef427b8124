from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from interact_events.accounts import actions
from interact_events.accounts.jobs import purge_sign_ins
from interact_events.accounts.models import SignIn
from interact_events.core import clock
from interact_events.core.db import db
from tests import make


def test_purge_forgets_sign_ins_that_are_over(app: Flask) -> None:
    person, now = make.user(), clock.now()
    actions.begin_sign_in(person, now=now - timedelta(days=20))
    actions.begin_sign_in(person, now=now)
    purge_sign_ins()
    rows = db.session.scalars(select(SignIn)).all()
    assert [row.created_at for row in rows] == [now]


def test_worker_knows_the_purge(app: Flask) -> None:
    assert "accounts.purge_sign_ins" in app.extensions["tasks"]
