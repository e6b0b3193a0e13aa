"""Every error is a sentence, has an exit code of its kind, and keeps what it is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from stopdesk import errors
from stopdesk.errors import (
    FileError,
    InvalidParameters,
    NetworkError,
    NotAllowed,
    Problem,
    ServerTrouble,
    StopdeskError,
)


def kinds(root: type[StopdeskError] = StopdeskError) -> list[type[StopdeskError]]:
    return [kind for child in root.__subclasses__() for kind in (child, *kinds(child))]


def test_the_tree_drawn_in_the_module_is_the_tree_that_is() -> None:
    assert errors.__doc__ is not None
    drawn = errors.__doc__.split("::")[1].split("The text")[0]
    ours = [kind for kind in kinds() if kind.__module__ == "stopdesk.errors"]
    for kind in ours:
        assert kind.__name__ in drawn, kind
        assert kind.__doc__


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("InputError", 2),
        ("InvalidParameters", 2),
        ("FileError", 2),
        ("EngineError", 3),
        ("JobFailed", 3),
        ("JobAborted", 4),
        ("Cancelled", 4),
        ("Unreachable", 5),
        ("NotAllowed", 5),
        ("Refused", 5),
        ("ServerTrouble", 5),
        ("Malformed", 5),
        ("Unverified", 5),
        ("Gone", 6),
    ],
)
def test_exit_codes_are_those_of_the_command_line(name: str, code: int) -> None:
    assert getattr(errors, name).exit_code == code


def test_all_problems_of_a_form_are_in_the_text() -> None:
    error = InvalidParameters([Problem(("a", "b"), "They clash."), Problem((), "Too many rows.")])
    assert str(error) == "a, b: They clash. Too many rows."
    assert len(error.problems) == 2


def test_a_file_error_names_file_and_line() -> None:
    assert str(FileError("/data/co.dat", "is not LAMDA.", line=7)) == "co.dat, line 7: is not LAMDA."
    error = FileError("/data/co.dat", "is not there.")
    assert str(error) == "/data/co.dat: is not there."
    assert error.path == Path("/data/co.dat")


def test_network_errors_keep_their_address() -> None:
    error: NetworkError = NotAllowed("Log in first.", url="https://x.example/", login=True)
    assert (error.url, str(error)) == ("https://x.example/", "Log in first.")
    assert ServerTrouble("Busy.", url="https://x.example/", retry_after=3.0).retry_after == 3.0
