"""The attributes of a form's elements: what the library itself would write."""

import importlib.util
from types import ModuleType
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from wtforms import widgets
from wtforms.widgets import core as library

from interact_events.core.web.forms import attributes

NAMES = st.sampled_from(["class_", "for_", "name", "aria_label", "data_row_id", "checked", "id"])
TEXTS = st.text(st.sampled_from("aΖž \"'<>&\n"))
VALUES = st.one_of(st.booleans(), st.none(), st.integers(), TEXTS, TEXTS.map(Markup))


def pristine() -> ModuleType:
    """The library's module as it is before anybody changes it."""
    spec = importlib.util.spec_from_file_location("pristine", str(library.__file__))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PRISTINE = pristine()


@given(st.dictionaries(NAMES, VALUES))
def test_attributes_are_those_of_the_library(values: dict[str, Any]) -> None:
    assert attributes(**values) == PRISTINE.html_params(**values)


def test_fields_are_written_by_it() -> None:
    """Inputs, text areas, selects and labels, whoever made the field."""
    writers = {library.html_params, library.Input.html_params, widgets.html_params}
    assert writers == {attributes}
