"""A person's learning record: to look at, as a file, by a link, and for whoever verifies it."""

from collections.abc import Mapping
from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import current_user
from werkzeug.datastructures import Headers

from interact_events.certificates import actions, queries, rules
from interact_events.certificates.forms import DaysForm, ShareForm
from interact_events.certificates.models import LearningRecord
from interact_events.certificates.rules import Days
from interact_events.core import clock, links, words
from interact_events.core.db import db, reading
from interact_events.core.errors import DomainError
from interact_events.core.web.access import public, visible
from interact_events.core.web.failures import link_over
from interact_events.core.web.headers import NOT_INDEXED
from interact_events.core.web.limits import GUESSING, limiter

blueprint = Blueprint("record", __name__)
NEW_LINK = "link_to_record"  # in the session, until the page has shown it once
OVER = "Ask whoever sent it to you for a new one."


@blueprint.get("/my/record")
def show() -> str:
    now, form = clock.now(), DaysForm(request.args)
    form.validate()
    learnt = queries.learnt_by(current_user, now=now)
    all_years = queries.record_of(current_user, learnt, Days(), now=now)
    return render_template(
        "certificates/record/show.html",
        form=form,
        share_form=ShareForm(formdata=None),
        facts=queries.record_of(current_user, learnt, form.days, now=now),
        years=[int(total.name) for total in all_years.by_year],
        query_of=_query_of,
        issued=[(each, _facts(each)) for each in queries.records_of(current_user)],
        shares=queries.shares_of(current_user, now=now),
        new_link=session.pop(NEW_LINK, ""),
        printed=rules.printed,
        Days=Days,
    )


def _query_of(days: Days) -> dict[str, Any]:
    """The days as the page's address holds them."""
    both = {"since": days.first, "until": days.last}
    return {name: day.isoformat() for name, day in both.items() if day}


def _facts(record: LearningRecord) -> rules.RecordFacts | None:
    return rules.record_from_json(record.facts) if record.facts else None


def _days_sent() -> Days:
    form = DaysForm(request.form)
    if not form.validate():
        raise DomainError("Choose the days of the record first.")
    return form.days


def _back(days: Days, anchor: str) -> Response:
    address = url_for(".show", **_query_of(days), _anchor=anchor)
    return redirect(address, code=303)  # type: ignore[return-value]  # werkzeug's own class


@blueprint.post("/my/record/issue")
@limiter.limit(GUESSING)
def issue() -> Response:
    """Laid out while only reading, so that on SQLite others can write meanwhile."""
    days, now = _days_sent(), clock.now()
    db.session.commit()
    with reading():
        draft = actions.draft_record(current_user, days, now=now)
        db.session.commit()
    actions.issue_record(draft, now=now)
    db.session.commit()
    flash("Your learning record is issued. Download it below.", "success")
    return _back(days, "issued")


@blueprint.get("/my/record/<code>.pdf")
def download(code: str) -> Response:
    record = queries.own_record(current_user, rules.normalised(code))
    visible(record)
    assert record  # visible() has answered 404 otherwise
    return _file(record)


def _file(record: LearningRecord) -> Response:
    facts = rules.record_from_json(record.facts)
    name = f"learning-record-{words.slug(facts.days.in_words)}-{words.slug(facts.name)}.pdf"
    headers = Headers(NOT_INDEXED)
    headers.add("Content-Disposition", "attachment", filename=name)
    pdf = queries.file_of_record(record)
    return Response(pdf, mimetype="application/pdf", headers=headers)


@blueprint.route("/my/record/<code>/revoke", methods=["GET", "POST"])
def revoke(code: str) -> str | Response:
    record = queries.own_record(current_user, rules.normalised(code))
    visible(record)
    assert record  # visible() has answered 404 otherwise
    if request.method == "POST":
        actions.revoke_record(record, actor=current_user, now=clock.now())
        db.session.commit()
        flash("The record is revoked: whoever verifies it reads that you did.", "success")
        return _back(Days(), "issued")
    facts = rules.record_from_json(record.facts)
    return render_template(
        "certificates/record/revoke.html", record=record, facts=facts, printed=rules.printed
    )


# -- sharing -------------------------------------------------------------------------------------


@blueprint.post("/my/record/share")
def share() -> Response:
    days, form = _days_sent(), ShareForm()
    if not form.validate():
        raise DomainError("Choose for how long the link is to work.")
    token = actions.share_record(current_user, days, lasts=form.duration, now=clock.now())
    db.session.commit()
    session[NEW_LINK] = links.url("record.shared", token=token)
    return _back(days, "sharing")


@blueprint.post("/my/record/links/<int:share_id>/end")
def end(share_id: int) -> Response:
    share = queries.own_share(current_user, share_id)
    visible(share)
    assert share  # visible() has answered 404 otherwise
    actions.stop_sharing(share, actor=current_user, now=clock.now())
    db.session.commit()
    flash("The link works no more.", "success")
    return _back(Days(), "sharing")


@blueprint.get("/record/<token>")
@limiter.limit(GUESSING)
@public
def shared(token: str) -> Response:
    """What is noted now, for whoever has the link."""
    now = clock.now()
    share = queries.share_of_token(token, now=now)
    if share is None:
        return make_response(*link_over(OVER), NOT_INDEXED)
    learnt = queries.learnt_by(share.user, now=now)
    page = render_template(
        "certificates/record/shared.html",
        share=share,
        token=token,
        facts=queries.record_of(share.user, learnt, share.days, now=now),
        issued=queries.latest_record(share.user_id, share.days),
        printed=rules.printed,
    )
    return make_response(page, 200, NOT_INDEXED)


@blueprint.get("/record/<token>/record.pdf")
@limiter.limit(GUESSING)
@public
def shared_file(token: str) -> Response:
    """The latest one of those days that its owner had issued."""
    share = queries.share_of_token(token, now=clock.now())
    if share is None:
        return make_response(*link_over(OVER), NOT_INDEXED)
    record = queries.latest_record(share.user_id, share.days)
    visible(record)
    assert record  # visible() has answered 404 otherwise
    return _file(record)


# -- verifying -----------------------------------------------------------------------------------


def record_shown(
    record: LearningRecord, *, is_file: bool = False, is_altered: bool = False
) -> Response:
    """What was printed, for whoever holds the code."""
    page = render_template(
        "certificates/record/verified.html",
        record=record,
        facts=_facts(record),
        code=rules.printed(record.code),
        printed=rules.printed,
        is_file=is_file,
        is_altered=is_altered,
    )
    return make_response(page, 200, NOT_INDEXED)


def record_as_json(record: LearningRecord) -> Response:
    """The same for programs."""
    facts = _facts(record)
    told: Mapping[str, Any] = {
        "kind": "learning record",
        "state": record.ending.value if record.ending else "valid",
        "ended_at": record.ended_at.isoformat() if record.ended_at else None,
        "code": rules.printed(record.code),
        "sha256": record.sha256,
        "attended_minutes": facts.attended_minutes if facts else None,
        "facts": record.facts or None,
    }
    return make_response(told, 200, NOT_INDEXED)
