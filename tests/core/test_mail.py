from contextlib import suppress

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from interact_events.core import links, mail
from interact_events.core.errors import DomainError
from interact_events.core.mail import (
    KINDS,
    Kind,
    Variable,
    Wording,
    check_wording,
    compose,
    usual,
    worded,
    words_of,
)
from interact_events.registrations.emails import CANCELLED, CONFIRMED

TEMPLATE = """\
Hello {{ name }}
Dear {{ name }},


it starts at noon,
in {{ place }}.

{% if link %}
See {{ link }}.
{% endif %}
"""
CONTACT = "http://localhost/contact"


def said(**values: object) -> mail.Words:
    return words_of(TEMPLATE, {"name": "Ζωή", "place": "Turku", "link": CONTACT} | values)


@pytest.mark.usefixtures("app")
def test_first_line_is_the_subject_and_the_rest_is_text() -> None:
    assert said().subject == "Hello Ζωή"
    assert said().text == (
        "Dear Ζωή,\n\nit starts at noon,\nin Turku.\n\nSee http://localhost/contact.\n"
    )


@pytest.mark.usefixtures("app")
def test_html_escapes_what_people_typed_and_links_addresses() -> None:
    name = """"Žižka" <b>O'Neil</b>"""
    words = said(name=name)
    body = words.html.partition("<body")[2]
    assert "<title>Hello &#34;Žižka&#34; &lt;b&gt;O&#39;Neil&lt;/b&gt;</title>" in words.html
    assert "Dear &#34;Žižka&#34; &lt;b&gt;O&#39;Neil&lt;/b&gt;,</p>" in body
    assert "noon,<br>\nin Turku.</p>" in body
    assert '<a href="http://localhost/contact">http://localhost/contact</a>.</p>' in body
    assert words.text.startswith(f"Dear {name},\n")


@pytest.mark.usefixtures("app")
def test_line_break_in_a_name_stays_out_of_the_subject() -> None:
    words = said(name="Zoi\r\nBcc: all@example.org")
    assert words.subject.splitlines() == [words.subject]


def test_missing_or_unknown_value_is_a_bug() -> None:
    kind = Kind("test.hello", "Hello", (Variable("name", "the name", "Zoi"),))
    assert compose(kind, name="Zoi", calendar=b"BEGIN").calendar == b"BEGIN"
    with pytest.raises(TypeError, match=r"test\.hello: name missing or unknown"):
        compose(kind)
    with pytest.raises(TypeError, match=r"test\.hello: more missing or unknown"):
        compose(kind, name="Zoi", more=1)


# -- the usual words -----------------------------------------------------------------------------


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_usual_words_pass_the_check_for_own_words(kind: Kind) -> None:
    """So staff can begin with them, and no variable is used that the kind does not have."""
    words = check_wording(kind, usual(kind))
    assert words == worded(kind.name, kind.samples)
    assert words.subject
    assert len(words.text) > len("Dear Zoi,")


@pytest.mark.usefixtures("app")
def test_a_mail_from_before_a_variable_was_added_is_still_worded() -> None:
    kind = KINDS["registrations.pending"]
    older = {name: value for name, value in kind.samples.items() if name != "decision_by"}
    assert worded(kind.name, older) == worded(kind.name, {**older, "decision_by": ""})


def test_all_kinds_have_names_of_their_features() -> None:
    assert len({kind.title for kind in KINDS.values()}) == len(KINDS)
    assert all(variable.says for kind in KINDS.values() for variable in kind.variables)


# -- own words -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("Hello\nDear {{ nmae }},", "Line 2: there is no variable “nmae”."),
        ("Hello\n\nDear {{ name", "Line 3: something is not closed: "),
        ("Hello\n{% if name %}", "Line 2: something is not closed: "),
        ("Hello\n{{ name.__class__.__mro__ }}", "Line 2: “.__mro__” can’t be used here."),
        ("Hello\n{{ event.titel }}", "Line 2: “.titel” can’t be used here."),
        ("Hello\n{{ name['x'] }}", "Line 2: this can’t be used here."),
        ("Hello\n{{ name.center(999999999) }}", "Line 2: this can’t be used here."),
        ("Hello\n{{ name * 999999999 }}", "Line 2: this can’t be used here."),
        ("Hello\n{{ 'x'|center(999999999) }}", "Line 2: “|center” can’t be used here."),
        ("Hello\n{% set name = 'x' %}", "Line 2: this can’t be used here."),
        ("Hello\n{% macro a() %}{% endmacro %}", "Line 2: "),
        ("Hello\n{% include 'base.html' %}", "Line 2: “base.html” can’t be included."),
        ("Hello\n{% include name %}", "Line 2: “” can’t be included."),
        ("Hello\n{% include 'events/email/_no.txt' %}", "Line 2: “events/email/_no.txt” can’t"),
        ("Hello\n{% extends 'email.html' %}", "Line 2: this can’t be used here."),
        (
            "Hello\n{% for a in name %}{% for b in name %}{{ b }}{% endfor %}{% endfor %}",
            "Line 2: a “for” can’t stand within another.",
        ),
        ("Hello\n{{ name|join(name|join(name)) }}", "Line 2: “|join” can’t be used here."),
        ("Hello\n{{ name|join('x')|join('y') }}", "Line 2: “|join” can’t be used here."),
        ("Hello\n{{ " + "(" * 3000 + "name" + ")" * 3000 + " }}", "Too much stands within"),
        ("Hello\n" + "{% if name %}" * 110 + "x" + "{% endif %}" * 110, "Too much stands within"),
        ("Hello\n" + "x" * 20_001, "That is too long: at most 20,000 characters."),
    ],
)
def test_own_words_that_cannot_be_are_refused_with_their_line(source: str, why: str) -> None:
    with pytest.raises(DomainError) as refusal:
        check_wording(CONFIRMED, source)
    assert refusal.value.message.startswith(why)
    assert refusal.value.field == "body"


@pytest.mark.usefixtures("app")
def test_own_words_may_choose_and_repeat() -> None:
    words = check_wording(
        CONFIRMED,
        "{{ event|upper }}\n{% if mode == '' and not reason %}Come{% else %}?{% endif %}"
        "{% for one in sessions %} {{ one }}{% endfor %}",
    )
    assert words.subject == "FIRST-LEVEL CONTROL IN PRACTICE"
    assert words.text == "Come Sampling (Wednesday 12 May 2027)\n"


@pytest.mark.usefixtures("app")
def test_own_words_that_have_become_wrong_give_way_to_the_usual_ones() -> None:
    """A variable may be renamed after they were written; the mail must not be lost for that."""
    broken = Wording("Hello\n{{ gone }}")
    assert worded("registrations.cancelled", CANCELLED.samples, broken) == worded(
        "registrations.cancelled", CANCELLED.samples
    )


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("source", "subject", "text"),
    [
        ("Hello\n{%- if name %}\nYour seat.\n{% endif %}", "Hello", "Your seat.\n"),
        ("Hello {{ name -}}\nYour seat.", "Hello Ζωή Παπαδοπούλου", "Your seat.\n"),
        ("Hel{{ '\\x00' }}lo\nYour{{ '\\x00\\ud800\\x1e' }} seat.", "Hello", "Your seat.\n"),
    ],
)
def test_own_words_stay_what_they_are(source: str, subject: str, text: str) -> None:
    """Neither white space control nor characters that nobody can write spoil a mail."""
    words = check_wording(CONFIRMED, source)
    assert (words.subject, words.text) == (subject, text)


@pytest.mark.usefixtures("app")
def test_a_subject_that_is_empty_for_somebody_gives_way_to_the_usual_words() -> None:
    values = CANCELLED.samples | {"programme": ""}
    words = worded("registrations.cancelled", values, Wording("{{ programme }}\nGone."))
    assert words == worded("registrations.cancelled", values)


@given(source=st.text(alphabet="{}% \n|ame_n.()[]'\"forix", max_size=40))
def test_whatever_staff_write_is_checked_or_refused_in_words(
    migrated_app: Flask, source: str
) -> None:
    kind = Kind("test.hello", "Hello", (Variable("name", "the name", "Zoi"),))
    with migrated_app.app_context(), suppress(DomainError):
        check_wording(kind, source)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (
            "(https://a.example/x?b=1&c=2).",
            '(<a href="https://a.example/x?b=1&amp;c=2">https://a.example/x?b=1&amp;c=2</a>).',
        ),
        (
            '"https://a.example/"',
            '&#34;<a href="https://a.example/">https://a.example/</a>&#34;',
        ),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("a\nb", "a<br>\nb"),
    ],
)
def test_paragraph_is_escaped_and_marked_up(text: str, html: str) -> None:
    assert str(mail._paragraph(text)) == html


def test_address_comes_from_the_settings_and_not_from_the_request(app: Flask) -> None:
    with app.test_request_context(base_url="http://evil.example/"):
        assert links.url("pages.contact") == "http://localhost/contact"
