"""Forms that are sent after their sender has signed out, or with a token that is no longer good.

Nothing was done; what was typed is kept in the page that says so, never on the server. Only what a
page of this site has sent is offered to be sent again: a form from elsewhere would otherwise need
no more than a press to get a good token.
"""

from urllib.parse import unquote, urlsplit

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.exceptions import Unauthorized

from interact_events.core.web.access import is_public, local_path

Fields = list[tuple[str, str]]

SIGNED_OUT = (
    "You were not signed in any more, so nothing was done. Sign in, then press the button again."
)


def refused(_error: Exception) -> Response:
    """A form came with a token that is no longer good."""
    if is_public(request.endpoint) or current_user.is_authenticated:
        return _send_again(is_signed_out=False)
    return signed_out()


def signed_out(_error: Unauthorized | None = None) -> Response:
    """A form came from somebody who has to sign in first."""
    if _has_files() or not _fields():
        if _is_from_here():  # a form from elsewhere changes nobody's session
            flash(SIGNED_OUT, "info")
        address = url_for("accounts.sign_in", next=_page_before())
        return redirect(address)  # type: ignore[return-value]  # werkzeug's own class
    return _send_again(is_signed_out=True)


def _send_again(*, is_signed_out: bool) -> Response:
    has_files = _has_files()
    may_send = _is_from_here() and not has_files
    fields = _fields() if may_send else []
    page = render_template(
        "errors/send_again.html",
        is_signed_out=is_signed_out,
        has_files=has_files,
        may_send=may_send,
        fields=[field for field in fields if not _is_secret(field[0])],
        readable=[field for field in fields if _is_readable(*field)],
        secrets=[name for name, _value in fields if _is_secret(name)],
        back=_page_before(),
    )
    answer = Response(page, 400)
    answer.headers["Cache-Control"] = "no-store"  # what somebody typed is not for the next one
    return answer


def _is_from_here() -> bool:
    return (request.referrer or "").startswith(request.host_url)


def _page_before() -> str | None:
    """The page of this site that the form stood on, if it can be opened by its address."""
    if not _is_from_here():
        return None
    address = urlsplit(request.referrer or "")
    wanted = local_path(address.path + (f"?{address.query}" if address.query else ""))
    routes = current_app.url_map.bind_to_environ(request.environ)
    return wanted if routes.test(unquote(address.path), "GET") else None


def _has_files() -> bool:
    """What a view that takes files is sent is read by nobody else (`uploads.receive`)."""
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "takes_files", False) and not current_user.is_authenticated:
        return True
    return any(file.filename for file in request.files.values())


def _fields() -> Fields:
    if not _is_from_here():
        return []
    sent = request.form.items(multi=True)
    return [(name, value) for name, value in sent if name != "csrf_token"]


def _is_readable(name: str, value: str) -> bool:
    """Words, that is; what was ticked or picked is sent as numbers that say nothing."""
    is_text = len(value) > 1 and any(map(str.isalpha, value))
    return is_text and not _is_secret(name)


def _is_secret(name: str) -> bool:
    """A password is typed once more: no page shows one."""
    return "password" in name
