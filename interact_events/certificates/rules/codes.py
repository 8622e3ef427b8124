"""Codes that can be typed without fear, and what a file says of itself."""

import re
from hashlib import sha256
from itertools import islice

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
CODE_LENGTH = 20  # 95 random bits and a check character

_AS_TYPED = str.maketrans("OIL", "011")
_SPACES_AND_DASHES = re.compile(r"[\s\-‐-―−_.]+")

_PRINTED = re.compile(rf"\b[{ALPHABET}]{{4}}(?:-?[{ALPHABET}]{{4}}){{4}}\b")


def check_character(payload: str) -> str:
    """Luhn's algorithm over 32 characters: finds every wrong character and most swaps."""
    total = 0
    for place, character in enumerate(reversed(payload)):
        number = ALPHABET.index(character) * (1 if place % 2 else 2)
        total += sum(divmod(number, 32))
    return ALPHABET[-total % 32]


def normalised(text: str) -> str:
    """A code as it is stored, from however somebody typed it, or from the address that has it."""
    last = text.strip().rstrip("/").rpartition("/")[2]
    return _SPACES_AND_DASHES.sub("", last).upper().translate(_AS_TYPED)


def has_shape(code: str) -> bool:
    """Whether a normalised code has the right length and characters."""
    return len(code) == CODE_LENGTH and set(code) <= set(ALPHABET)


def is_well_typed(code: str) -> bool:
    """Whether the check character fits: if not, no certificate ever had this code."""
    return has_shape(code) and check_character(code[:-1]) == code[-1]


def printed(code: str) -> str:
    """ "7Q4K-92MX-HD3T-0A1B-C2D3"."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def code_in(text: str) -> str | None:
    """The first code that stands in a text, as it is stored."""
    found = _PRINTED.search(text)
    code = normalised(found[0]) if found else ""
    return code if is_well_typed(code) else None


def holder_hash(email: str, code: str) -> str:
    """An address as badges carry it: who has it finds it the same, and reads it nowhere."""
    return sha256(f"{email}{code}".encode()).hexdigest()


LEAST_OF_CODE = 4  # characters


def meant_code(text: str) -> str:
    """The part of a code that a text may be; nothing where it can be none."""
    code = normalised(text)
    is_code = LEAST_OF_CODE <= len(code) <= CODE_LENGTH and set(code) <= set(ALPHABET)
    return code if is_code else ""


COPIES = b"% Copies of several certificates, to be printed\n"  # behind the end of a PDF


def is_collection(pdf: bytes) -> bool:
    """Whether a file says that it holds copies of several certificates. Anybody could write that:
    it only helps who has taken it for a certificate."""
    return pdf.endswith(COPIES)


_COVERED = re.compile(rb"/ByteRange\s*\[\s*0\s+\d{1,9}\s+(\d{1,9})\s+(\d{1,9})\s*\]")
MOST_SIGNATURES = 8  # ours have one; what else a file claims is not looked at


def parts_signed(pdf: bytes) -> list[bytes]:
    """The file as each of its signatures says that it was, without reading it as a PDF: what
    inflates to gigabytes or nests without end is never opened."""
    found = islice(_COVERED.finditer(pdf), MOST_SIGNATURES)
    ends = {sum(map(int, match.groups())) for match in found}
    return [pdf[:end] for end in sorted(ends) if end < len(pdf)]
