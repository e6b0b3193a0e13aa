"""The index of the bundled molecules is complete, quick and names its sources."""

from __future__ import annotations

import hashlib
import re

import pytest

from stopdesk import paths
from stopdesk.errors import InputError
from stopdesk.formats.molecules import bundled, find

REQUIRED = ("co", "hco+", "hcn", "hnc", "cs", "sio", "so", "o-nh3", "p-nh3", "oh", "c+", "c", "o")


def test_the_common_molecules_are_there() -> None:
    assert set(REQUIRED) <= {molecule.key for molecule in bundled()}


def test_index_and_folder_agree() -> None:
    listed = {molecule.path.name for molecule in bundled()}
    assert listed == {path.name for path in (paths.resources() / "molecules").glob("*.dat")}
    assert len({molecule.key for molecule in bundled()}) == len(bundled())
    assert len({molecule.name for molecule in bundled()}) == len(bundled()), "people could not tell them apart"


def test_every_entry_is_usable_in_a_request_and_in_a_list() -> None:
    for molecule in bundled():
        assert re.fullmatch(r"[a-z0-9+@-]+", molecule.key)
        assert molecule.title
        assert molecule.reference
        assert hashlib.sha256(molecule.path.read_bytes()).hexdigest() == molecule.sha256


def test_an_unknown_molecule_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"no bundled molecule 'xyz'; there are: co, hco\+"):
        find("xyz")
