"""The reference: a form behind a sign-in, by the same libraries, that locks a row and inserts one.

Nothing that makes a registration: no rules, no counts, no audit trail, no mail.
"""

import os
from typing import Any

from flask import Flask, redirect
from flask_login import LoginManager, UserMixin, current_user, login_required
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from werkzeug import Response
from wtforms import IntegerField

from interact_events.core.web import turns


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class User(UserMixin, Base):  # type: ignore[misc]  # Flask-Login has no types
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Locked(Base):
    __tablename__ = "bare_locks"
    id: Mapped[int] = mapped_column(primary_key=True)
    n: Mapped[int]


class Inserted(Base):
    __tablename__ = "bare_rows"
    id: Mapped[int] = mapped_column(primary_key=True)
    n: Mapped[int]


class RegisterForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    profile = IntegerField()


LOCKED = select(Locked).where(Locked.id == 1).with_for_update()

app = Flask(__name__, static_folder=None)
app.config.update(
    SECRET_KEY=os.environ["SECRET_KEY"],
    SESSION_COOKIE_NAME=os.environ["SESSION_COOKIE_NAME"],
    SQLALCHEMY_DATABASE_URI=os.environ["DATABASE_URL"],
    SQLALCHEMY_ENGINE_OPTIONS={"pool_use_lifo": True},
)
db.init_app(app)
CSRFProtect(app)
turns.init_app(app)
login = LoginManager(app)


@login.user_loader  # type: ignore[untyped-decorator]
def load_user(token: str) -> Any:
    return db.session.get(User, int(token.removeprefix("token-")))


@app.get("/healthz")
def healthz() -> str:
    return "ok"


@app.post("/register")
@login_required  # type: ignore[untyped-decorator]
def register() -> Response | tuple[str, int]:
    form = RegisterForm()
    if not form.validate_on_submit():
        return str(form.errors), 400
    db.session.scalars(LOCKED).one()
    db.session.add(Inserted(n=current_user.id))
    db.session.commit()
    return redirect("/", code=303)
