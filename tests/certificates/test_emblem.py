"""The emblem as the law draws it: 3:2, twelve upright stars on a circle of a third of the height.

Each star's circumscribed circle has a radius of an eighteenth of the height.
"""

import re
from math import atan2, cos, hypot, isclose, pi, sin
from xml.etree import ElementTree

from interact_events.config import ROOT

SVG = "{http://www.w3.org/2000/svg}"
EMBLEM = ElementTree.parse(ROOT / "static/img/eu-emblem.svg").getroot()
WIDTH, HEIGHT = (float(number) for number in EMBLEM.attrib["viewBox"].split()[2:])


def test_the_field_is_three_to_two_and_blue() -> None:
    field = EMBLEM.find(f"{SVG}rect")
    assert field is not None
    assert field.attrib == {"width": "270", "height": "180", "fill": "#003399"}
    assert (WIDTH, HEIGHT) == (270, 180)
    assert EMBLEM.attrib["viewBox"].split()[:2] == ["0", "0"]


def test_twelve_stars_stand_like_the_hours_on_the_circle() -> None:
    stars = [
        (float(star.attrib["x"]) - WIDTH / 2, float(star.attrib["y"]) - HEIGHT / 2)
        for star in EMBLEM.findall(f"{SVG}use")
    ]
    assert len(stars) == 12
    for hour, (x, y) in enumerate(stars):
        assert isclose(x, HEIGHT / 3 * sin(hour * pi / 6), abs_tol=0.001)
        assert isclose(y, -HEIGHT / 3 * cos(hour * pi / 6), abs_tol=0.001)


def test_each_star_is_upright_regular_and_of_the_right_size() -> None:
    (star,) = EMBLEM.iter(f"{SVG}path")
    assert star.attrib["fill"] == "#FFCC00"
    points = [
        (float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", star.attrib["d"])
    ]
    radius = HEIGHT / 18
    inner = radius * sin(pi / 10) / sin(3 * pi / 10)  # of a pentagram
    for number, (x, y) in enumerate(points):
        assert isclose(hypot(x, y), inner if number % 2 else radius, abs_tol=0.001)
        turned = (atan2(y, x) + pi / 2 - number * pi / 5) % (2 * pi)
        assert isclose(min(turned, 2 * pi - turned), 0, abs_tol=0.001)
    assert len(points) == 10


def test_the_stars_are_not_turned() -> None:
    assert "transform" not in ElementTree.tostring(EMBLEM, encoding="unicode")
