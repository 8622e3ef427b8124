"""The pages about this site, whose texts the secretariat edits."""

from flask import Blueprint, render_template

from interact_events.core.web.access import public, visible
from interact_events.core.web.kept import kept
from interact_events.interreg.models import SitePage
from interact_events.interreg.queries import offices, site_page, site_pages

blueprint = Blueprint("pages", __name__)


@blueprint.get("/contact")
@public
@kept
def contact() -> str:
    return render_template("interreg/contact.html", page=_text("contact"), offices=offices())


@blueprint.get("/privacy")
@public
@kept
def privacy() -> str:
    return render_template("interreg/privacy.html", page=_text("privacy"))


@blueprint.get("/accessibility")
@public
@kept
def accessibility() -> str:
    return render_template("interreg/accessibility.html", page=_text("accessibility"))


@blueprint.get("/site-map")
@public
@kept
def site_map() -> str:
    return render_template("interreg/site_map.html", pages=site_pages(), offices=offices())


def _text(code: str) -> SitePage:
    page = site_page(code)
    visible(page)
    assert page  # visible() has answered 404 otherwise
    return page
