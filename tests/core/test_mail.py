import pytest
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader, UndefinedError
from jinja2.exceptions import SecurityError

from interact_events.core import links, mail
from interact_events.core.mail import Mail

TEMPLATE = """\
Hello {{ name }}
Dear {{ name }},


it starts at {{ words.hours(90) }} before noon,
in {{ place }}.

{% if link %}
See {{ url("pages.contact") }}.
{% endif %}
"""


@pytest.fixture
def compose(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    templates = {
        "events/email/hello.txt": TEMPLATE,
        "events/email/sly.txt": "Sly\n{{ name.__class__.__mro__ }}",
    }
    assert app.jinja_loader
    loader = ChoiceLoader([DictLoader(templates), app.jinja_loader])
    monkeypatch.setattr(app, "jinja_loader", loader)
    return app


@pytest.mark.usefixtures("compose")
def test_first_line_is_the_subject_and_the_rest_is_text() -> None:
    composed = mail.compose("events/email/hello.txt", name="Ζωή", place="Turku", link=True)
    assert (composed.kind, composed.subject, composed.calendar) == (
        "events.hello",
        "Hello Ζωή",
        None,
    )
    assert composed.text == (
        "Dear Ζωή,\n\nit starts at 1.5 h before noon,\nin Turku.\n\nSee http://localhost/contact.\n"
    )


@pytest.mark.usefixtures("compose")
def test_html_escapes_what_people_typed_and_links_addresses() -> None:
    name = """"Žižka" <b>O'Neil</b>"""
    composed = mail.compose("events/email/hello.txt", name=name, place="Turku", link=True)
    body = composed.html.partition("<body")[2]
    assert "<title>Hello &#34;Žižka&#34; &lt;b&gt;O&#39;Neil&lt;/b&gt;</title>" in composed.html
    assert "Dear &#34;Žižka&#34; &lt;b&gt;O&#39;Neil&lt;/b&gt;,</p>" in body
    assert "before noon,<br>\nin Turku.</p>" in body
    assert '<a href="http://localhost/contact">http://localhost/contact</a>.</p>' in body
    assert composed.text.startswith(f"Dear {name},\n")


@pytest.mark.usefixtures("compose")
def test_line_break_in_a_name_stays_out_of_the_subject() -> None:
    composed = mail.compose(
        "events/email/hello.txt", name="Zoi\r\nBcc: all@example.org", place="Turku", link=False
    )
    assert composed.subject.splitlines() == [composed.subject]


@pytest.mark.usefixtures("compose")
def test_missing_value_is_a_bug() -> None:
    with pytest.raises(UndefinedError):
        mail.compose("events/email/hello.txt", name="Zoi", link=False)


@pytest.mark.usefixtures("compose")
def test_template_cannot_leave_its_sandbox() -> None:
    with pytest.raises(SecurityError):
        mail.compose("events/email/sly.txt", name="Zoi")


@pytest.mark.usefixtures("compose")
def test_calendar_goes_along() -> None:
    composed = mail.compose(
        "events/email/hello.txt", calendar=b"BEGIN", name="Zoi", place="Turku", link=False
    )
    assert isinstance(composed, Mail)
    assert composed.calendar == b"BEGIN"


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
