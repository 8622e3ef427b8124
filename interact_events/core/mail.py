"""What mails say: kinds with variables, and the words that a template makes of them.

A mail is noted as its kind and plain values, and worded when it leaves: by the office's own words
where it has any, else by `templates/<feature>/email/<kind>.txt`, whose first line is the subject.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

import structlog
from flask import current_app
from jinja2 import BaseLoader, Environment, StrictUndefined, Template, TemplateNotFound, nodes
from jinja2.exceptions import TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from interact_events.core.errors import DomainError
from interact_events.core.markdown import ADDRESS, escaped, markdown, plain

log = structlog.get_logger()

PARTIAL = re.compile(r"\w+/email/_\w+\.txt")
# Control characters and halves of characters: no database, server or reader takes them.
UNWRITTEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
DEEPEST = 20  # pieces of a template within each other
WRONG = (TemplateError, TypeError, ValueError, SyntaxError, RecursionError)  # what one may raise
LONGEST = 20_000  # characters that a mail may have, as far as one can know beforehand
MOST = 10 * LONGEST  # whatever the values are


class Owner(StrEnum):
    """Whose words they are: an event's office may change those about its events; those of a
    letter are its writer's alone."""

    ACCOUNT = "account"
    EVENT = "event"
    WRITER = "writer"


@dataclass(frozen=True)
class Variable:
    """A value that a kind of mail can say; `sample` stands for it in the editor."""

    name: str
    says: str
    sample: Any


@dataclass(frozen=True)
class Kind:
    """A kind of mail, e.g. "registrations.confirmed"; one that may be off is a courtesy.

    What a writer says is Markdown, with every value in it escaped.
    """

    name: str
    title: str
    variables: tuple[Variable, ...]
    owner: Owner = Owner.EVENT
    may_be_off: bool = False

    @property
    def is_markdown(self) -> bool:
        return self.owner is Owner.WRITER

    @property
    def template(self) -> str:
        feature, _, name = self.name.partition(".")
        return f"{feature}/email/{name}.txt"

    @property
    def samples(self) -> dict[str, Any]:
        return {variable.name: variable.sample for variable in self.variables}


KINDS: dict[str, Kind] = {}


def kind(
    name: str,
    title: str,
    *variables: Variable,
    owner: Owner = Owner.EVENT,
    may_be_off: bool = False,
) -> Kind:
    """Make a kind known; a feature's `emails.py` does so for each of its own."""
    KINDS[name] = Kind(name, title, variables, owner, may_be_off)
    return KINDS[name]


def titles() -> dict[str, str]:
    """What staff and recipients call each kind, by its name."""
    return {kind.name: kind.title for kind in KINDS.values()}


@dataclass(frozen=True)
class Mail:
    """What is to be said, not yet to whom and not yet in which words."""

    kind: str
    values: Mapping[str, Any]
    calendar: bytes | None = None


def compose(kind: Kind, *, calendar: bytes | None = None, **values: Any) -> Mail:
    """A mail of this kind; `values` are plain data, one for each of the kind's variables.

    Raises TypeError where one is missing or unknown.
    """
    wrong = {variable.name for variable in kind.variables} ^ values.keys()
    if wrong:
        raise TypeError(f"{kind.name}: {', '.join(sorted(wrong))} missing or unknown")
    return Mail(kind.name, values, calendar)


class Words(NamedTuple):
    """A mail as it is sent."""

    subject: str
    text: str
    html: str


class Wording(NamedTuple):
    """The office's own words for a kind, or that it does not want that mail sent."""

    source: str  # a template; its first line is the subject
    is_off: bool = False


Wordings = Callable[[str, int | None], Wording | None]
"""Own words by kind and event; a higher feature knows them."""


def wording_for(kind: str, event_id: int | None) -> Wording | None:
    """The own words for this kind at this event, if there are any."""
    found: Wordings | None = current_app.extensions.get("wordings")
    return found(kind, event_id) if found else None


def worded(kind: str, values: Mapping[str, Any], wording: Wording | None = None) -> Words:
    """The words of a mail. Own words that have become wrong give way to the usual ones."""
    known = KINDS.get(kind)  # of one that is gone only the own words are left
    if known:  # a mail that was written before the last update knows nothing of newer variables
        values = {variable.name: "" for variable in known.variables} | {**values}
    is_markdown = known is not None and known.is_markdown
    if wording and wording.source:
        try:
            words = words_of(wording.source, values, is_markdown=is_markdown)
        except WRONG:
            log.exception("wording_failed", kind=kind)
        else:
            if words.subject:
                return words
    return words_of(usual(KINDS[kind]), values, is_markdown=is_markdown)


def words_of(source: str, values: Mapping[str, Any], *, is_markdown: bool = False) -> Words:
    """The words that a template in text gives; may raise what templates raise.

    Paragraphs are parted by empty lines; a web address becomes a link in the HTML.
    """
    line, body = (_rendered(part, values) for part in _compiled(environment(), source))
    subject = UNWRITTEN.sub("", " ".join(line.split()))
    text = re.sub(r"\n{3,}", "\n\n", UNWRITTEN.sub("", body)).strip() + "\n"
    if is_markdown:
        body = markdown(text, top=2, link_addresses=True)
        return Words(subject, plain(text), _html(subject, body=body))
    return Words(subject, text, _html(subject, _paragraphs(text)))


def usual(kind: Kind) -> str:
    """The template of the usual words."""
    return _source(environment(), kind.template)


@lru_cache(maxsize=200)
def _source(env: Environment, name: str) -> str:
    assert env.loader
    return env.loader.get_source(env, name)[0]


@lru_cache(maxsize=500)
def _compiled(env: Environment, source: str) -> tuple[Template, Template]:
    """The subject is the first line and the text the rest, whatever a value contains."""
    subject, _, body = source.strip().partition("\n")
    return env.from_string(subject), env.from_string(body)


def environment() -> Environment:
    """One for each loader of templates, so that a template is compiled once."""
    loader = current_app.jinja_loader
    known: Environment | None = current_app.extensions.get("mail_templates")
    if known is None or known.loader is not loader:
        known = ImmutableSandboxedEnvironment(
            loader=loader,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=current_app.jinja_env.auto_reload,
        )
        known.globals.clear()  # variables are all that a mail can say
        current_app.extensions["mail_templates"] = known
    return known


def filled_in(subject: str, text: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """What somebody wrote, subject and Markdown, with the values: none of them becomes markup."""
    line = _rendered(_template(environment(), subject), values)
    return " ".join(line.split()), _rendered(_template(_escaping(environment()), text), values)


def _rendered(template: Template, values: Mapping[str, Any]) -> str:
    """Cut where it gets far too long: a value may be much longer than its sample."""
    said = ""
    for piece in template.generate(values):
        said += piece[:MOST]
        if len(said) >= MOST:
            return said[:MOST]
    return said


@lru_cache(maxsize=100)
def _template(env: Environment, source: str) -> Template:
    return env.from_string(source)


@lru_cache(maxsize=2)
def _escaping(env: Environment) -> Environment:
    """The same for templates in Markdown."""
    return env.overlay(finalize=escaped)


def _html(subject: str, paragraphs: Sequence[Markup] = (), body: str = "") -> str:
    page = _page(environment())
    return page.render(subject=subject, paragraphs=paragraphs, body=body)


@lru_cache(maxsize=2)
def _page(env: Environment) -> Template:
    """What all mails look like; it needs nothing that pages know."""
    return env.overlay(autoescape=True).get_template("email.html")


def _paragraphs(text: str) -> list[Markup]:
    return [_paragraph(block) for block in text.strip().split("\n\n")]


def _paragraph(block: str) -> Markup:
    """Everything is escaped; only lines and addresses are marked up."""
    pieces = [str(escape(piece)) for piece in ADDRESS.split(block)]
    pieces[1::2] = [f'<a href="{address}">{address}</a>' for address in pieces[1::2]]
    return Markup("".join(pieces).replace("\n", "<br>\n"))  # noqa: S704  # escaped above


# -- words that somebody writes ------------------------------------------------------------------


def check_wording(kind: Kind, source: str, field: str = "body") -> Words:
    """The words with every variable's sample; raises DomainError that names the line."""
    check_template(source, kind.samples, field)
    is_markdown = kind.is_markdown
    return tried(lambda: words_of(source, kind.samples, is_markdown=is_markdown), field)


def check_template(source: str, known: Iterable[str], field: str) -> None:
    """Refuse what is no template, says more than the variables, or computes; names the line."""
    try:
        tree = environment().parse(source)
    except TemplateSyntaxError as error:
        is_open = "end of" in (error.message or "").lower()
        why = NOT_CLOSED if is_open else error.message
        raise DomainError(f"Line {error.lineno}: {why}", field) from None
    except RecursionError:
        raise DomainError(TOO_DEEP, field) from None
    _refuse_unknown(tree, set(known), field)


def tried(fill_in: Callable[[], Words], field: str) -> Words:
    """The words that it gives; a refusal where they can't be filled in or are too long."""
    try:
        words = fill_in()
    except WRONG as error:
        raise DomainError(f"This can’t be filled in: {error}", field) from None
    if len(words.text) > LONGEST:
        raise DomainError(f"That is too long: at most {LONGEST:,} characters.", field)
    return words


# What a mail's words may be made of: nothing that calls, computes or reaches into a value.
_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Tuple,
    nodes.If,
    nodes.For,
    nodes.CondExpr,
    nodes.Concat,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Filter,
    nodes.Include,
)
NOT_CLOSED = (
    "something is not closed: a variable needs two braces on each side, an “if” its “endif” and a "
    "“for” its “endfor”."
)
TOO_DEEP = "Too much stands within each other here. Write it more simply."
_FILTERS = {"lower", "upper", "capitalize", "title", "trim", "join", "default", "length"}


def _refuse_unknown(tree: nodes.Template, known: set[str], field: str) -> None:
    if _depth(tree) > DEEPEST:
        raise DomainError(TOO_DEEP, field)
    own = {name.name for name in tree.find_all(nodes.Name) if name.ctx != "load"}
    for node in tree.find_all(nodes.Node):
        if why := _why_not(node, known | own):
            raise DomainError(f"Line {node.lineno}: {why}", field)


def _depth(tree: nodes.Node) -> int:
    """How many pieces stand within each other; by levels, for the deepest would exhaust calls."""
    depth, level = 0, [tree]
    while level and depth <= DEEPEST:
        depth, level = depth + 1, [child for node in level for child in node.iter_child_nodes()]
    return depth


def _is_simple(node: nodes.Filter) -> bool:
    """A filter's arguments are written out, and a value is joined once: no text can explode."""
    is_plain = node.name != "join" or isinstance(node.node, nodes.Name)
    return (
        is_plain
        and not node.dyn_args
        and not node.dyn_kwargs
        and all(isinstance(each, nodes.Const) for each in node.args)
    )


def _why_not(node: nodes.Node, known: set[str]) -> str:
    if isinstance(node, nodes.Name) and node.name not in known:
        return f"there is no variable “{node.name}”."
    if isinstance(node, nodes.Filter) and (node.name not in _FILTERS or not _is_simple(node)):
        return f"“|{node.name}” can’t be used here."
    if isinstance(node, nodes.Include):
        wanted = str(getattr(node.template, "value", ""))
        if not PARTIAL.fullmatch(wanted) or not _exists(environment().loader, wanted):
            return f"“{wanted}” can’t be included."
    if isinstance(node, nodes.Getattr):
        return f"“.{node.attr}” can’t be used here."
    if isinstance(node, nodes.For) and node.find(nodes.For):
        return "a “for” can’t stand within another."
    return "" if isinstance(node, _ALLOWED) else "this can’t be used here."


def _exists(loader: BaseLoader | None, name: str) -> bool:
    try:
        return bool(loader and loader.get_source(environment(), name))
    except TemplateNotFound:
        return False
