"""The pages about this site, whose texts the secretariat edits."""

from flask import Blueprint, render_template

from interact_events.core.web.access import public

blueprint = Blueprint("pages", __name__)


@blueprint.get("/contact")
@public
def contact() -> str:
    return render_template("interreg/text.html")


@blueprint.get("/privacy")
@public
def privacy() -> str:
    return render_template("interreg/text.html")


@blueprint.get("/accessibility")
@public
def accessibility() -> str:
    return render_template("interreg/text.html")


@blueprint.get("/site-map")
@public
def site_map() -> str:
    return render_template("interreg/text.html")
