"""How certificates look: a network's design, an office's above it, and what is legible."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

ACCENT = "#003399"
LEAST_CONTRAST = 4.5  # WCAG 2.1 AA, for text on white
FREE_TEXTS = ("heading", "introduction", "closing")
Texts = Mapping[str, Mapping[str, str]]  # by language and name


@dataclass(frozen=True)
class Picture:
    """A logo or a signature as it is printed; `kind` is "png" or "jpg"."""

    content: bytes
    kind: str

    @property
    def name(self) -> str:
        """The same picture has the same name in whatever document."""
        return f"picture-{sha256(self.content).hexdigest()[:16]}.{self.kind}"


@dataclass(frozen=True)
class Design:
    """What is said of the look at one place; empty where it says nothing.

    A signature belongs to one person and is never printed above another's name.
    """

    accent: str = ""
    logo: Picture | None = None
    signature: Picture | None = None
    signature_of: str = ""
    texts: Texts = field(default_factory=dict)

    def text(self, language: str, name: str) -> str:
        return self.texts.get(language, {}).get(name, "")


PLAIN = Design()


def effective(own: Design, default: Design, signatory: str) -> Design:
    """What holds at an office: its own, else the network's; a signature only of who signs."""
    signed = (each for each in (own, default) if each.signature)
    fitting = next((each for each in signed if _same(each.signature_of, signatory)), PLAIN)
    return Design(
        accent=own.accent or default.accent or ACCENT,
        logo=own.logo or default.logo,
        signature=fitting.signature,
        signature_of=fitting.signature_of,
        texts=_joined(own.texts, default.texts),
    )


def _same(one: str, other: str) -> bool:
    return bool(one.strip()) and one.strip() == other.strip()


def _joined(own: Texts, default: Texts) -> Texts:
    return {code: {**default.get(code, {}), **own.get(code, {})} for code in {*own, *default}}


def contrast_on_white(colour: str) -> float:
    """The ratio of WCAG 2.1 between a colour such as "#003399" and white."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return 1.05 / (luminance + 0.05)


def is_legible(colour: str) -> bool:
    return contrast_on_white(colour) >= LEAST_CONTRAST
