"""A mail's words: one plain-text template gives subject, text and HTML."""

import re
from dataclasses import dataclass
from typing import Any

from flask import current_app
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from interact_events.core import words
from interact_events.core.links import url

ADDRESS = re.compile(r"""(https?://[^\s<>"]*[^\s<>"'.,;:!?)\]])""")


@dataclass(frozen=True)
class Mail:
    """What is said, not yet to whom."""

    kind: str
    subject: str
    text: str
    html: str
    calendar: bytes | None = None


def compose(template: str, *, calendar: bytes | None = None, **values: Any) -> Mail:
    """Fill `templates/<feature>/email/<kind>.txt`, whose first line is the subject.

    Paragraphs are parted by empty lines; a web address becomes a link in the HTML.
    """
    rendered = _environment().get_template(template).render(values)
    subject, _, body = rendered.strip().partition("\n")
    text = re.sub(r"\n{3,}", "\n\n", body).strip() + "\n"
    kind = template.removesuffix(".txt").replace("/email/", ".")
    return Mail(kind, " ".join(subject.split()), text, _html(subject, text), calendar)


def _environment() -> SandboxedEnvironment:
    """One for each loader of templates, so that a template is compiled once."""
    loader = current_app.jinja_loader
    known: SandboxedEnvironment | None = current_app.extensions.get("mail_templates")
    if known is None or known.loader is not loader:
        known = SandboxedEnvironment(
            loader=loader,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        known.globals |= {"words": words, "url": url}
        current_app.extensions["mail_templates"] = known
    return known


def _html(subject: str, text: str) -> str:
    paragraphs = [_paragraph(block) for block in text.strip().split("\n\n")]
    page = current_app.jinja_env.get_template("email.html")
    return page.render(subject=subject, paragraphs=paragraphs)


def _paragraph(block: str) -> Markup:
    """Everything is escaped; only lines and addresses are marked up."""
    link = Markup('<a href="{0}">{0}</a>')
    pieces = ADDRESS.split(block)  # every second one is an address
    marked = (link.format(p) if n % 2 else escape(p) for n, p in enumerate(pieces))
    return Markup("").join(marked).replace("\n", Markup("<br>\n"))
