"""Descriptions of services for the tests: those that were recorded, and made-up ones, sane or not."""

from __future__ import annotations

import string
from pathlib import Path

from hypothesis import strategies as st

from stopdesk.uws.describe.drafts import Draft

FOLDER = Path(__file__).parent / "data" / "descriptions"

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.]{0,11}", fullmatch=True)
#: What strangers may write anywhere; surrogates cannot come out of a decoded document.
ANYTHING = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)
TYPES = st.sampled_from(
    ("real", "double", "int", "xs:integer", "boolean", "char", "xs:string", "file", "positiveInteger")
)
NUMBERS = st.one_of(st.just(""), st.floats(-1e6, 1e6).map(str), st.integers(-1000, 1000).map(str), ANYTHING)
UNITS = st.sampled_from(("", "K", "cm**-2", "km/s", "GHz", "W m-2", "furlongs"))
OPTIONS = st.lists(st.tuples(st.text(string.ascii_letters, min_size=1, max_size=5), ANYTHING), max_size=4).map(tuple)


def recorded(name: str) -> bytes:
    """The bytes of a recorded description."""
    return (FOLDER / name).read_bytes()


def drafts() -> st.SearchStrategy[Draft]:
    """Drafts with a name that can be used; the rest may be nonsense."""
    return st.builds(
        Draft,
        name=NAMES,
        type_word=st.one_of(TYPES, ANYTHING),
        arraysize=st.one_of(st.sampled_from(("", "*", "2", "3*", "2x*", "10")), ANYTHING),
        unit=st.one_of(UNITS, ANYTHING),
        help=ANYTHING,
        required=st.booleans(),
        protocol=st.booleans(),
        minimum=NUMBERS,
        maximum=NUMBERS,
        options=st.one_of(st.just(()), OPTIONS),
        default=st.one_of(NUMBERS, TYPES),
        is_axis=st.booleans(),
        is_repeated=st.booleans(),
    )
