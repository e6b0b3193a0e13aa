"""The list of links of a row is asked of the service that the table describes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table

from stopdesk.formats.votable import read_table, write_table
from stopdesk.vo.datalink import link_service
from stopdesk.vo.merging import Part, merge

DATA = Path(__file__).parents[2] / "data" / "votables"


@pytest.mark.parametrize(
    ("document", "name", "url"),
    [
        ("ssa.vot", "ssa_pubDID", "http://127.0.0.1:18080/spec/q/sdl/dlmeta?ID="),
        ("tap_obscore.vot", "obs_publisher_did", "http://127.0.0.1:18080/__system__/obscore/dl/dlmeta?ID="),
    ],
)
def test_services_that_dachs_describes_are_found(document: str, name: str, url: str, tmp_path: Path) -> None:
    table = read_table(DATA / document)
    write_table(table, tmp_path / "kept.vot")  # as a session keeps it
    for each in (table, read_table(tmp_path / "kept.vot")):
        service = link_service(each)
        assert service is not None
        last = len(each) - 1
        did = str(each[name][last])
        assert did.startswith("ivo://")
        assert service.address(last) == url + did.replace(":", "%3A").replace("/", "%2F").replace("?", "%3F")


def described(
    url: str = "https://archive.example/links", standard: str = "ivo://ivoa.net/std/DataLink", **more: Any
) -> Any:
    """Three rows, the second without an identifier, and a descriptor."""
    table = Table({"did": MaskedColumn(["a&b", "", "c"], mask=[False, True, False]), "number": np.arange(3)})
    table["did"].meta["ID"] = "key"
    inputs = more.get("inputs", [{"element": "PARAM", "name": "ID", "ref": "key", "value": ""}])
    parameters = [
        {"element": "PARAM", "name": "standardID", "value": standard},
        {"element": "PARAM", "name": "accessURL", "value": url},
    ]
    group = {"element": "GROUP", "name": "inputParams", "elements": inputs}
    about = {"type": "meta", "utype": more.get("utype", "adhoc:service"), "elements": [group, *parameters]}
    table.meta["resources"] = [{"type": "meta"}, about]
    return table


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://archive.example/links", "https://archive.example/links?ID=a%26b"),
        ("https://archive.example/links?", "https://archive.example/links?ID=a%26b"),
        ("https://archive.example/links?x=1", "https://archive.example/links?x=1&ID=a%26b"),
    ],
)
def test_what_a_row_is_asked_by_is_quoted(url: str, address: str) -> None:
    service = link_service(described(url))
    assert service is not None
    assert service.address(0) == address
    assert service.address(1) == "", "there is nothing to ask by"


@pytest.mark.parametrize(
    "table",
    [
        Table({"a": [1]}),
        described(standard="ivo://ivoa.net/std/SODA#sync-1.0"),
        described(utype="other:service"),
        described(url="javascript:alert(1)"),
        described(inputs=[]),
        described(inputs=[{"element": "PARAM", "name": "ID", "ref": "elsewhere", "value": ""}]),
    ],
)
def test_other_services_are_not_asked(table: Any) -> None:
    assert link_service(table) is None


def test_each_portal_has_its_own_service() -> None:
    parts = [
        Part("one", "One", described(inputs=[{"element": "PARAM", "name": "ID", "ref": "number", "value": ""}])),
        Part("two", "Two", Table({"did": ["x"]})),
        Part("three", "Three", described("http://other.example/dl")),
    ]
    rows = merge(parts)
    assert [rows.links_of(row) for row in range(rows.n_rows)] == [
        "https://archive.example/links?ID=0",
        "https://archive.example/links?ID=1",
        "https://archive.example/links?ID=2",
        "",
        "http://other.example/dl?ID=a%26b",
        "",
        "http://other.example/dl?ID=c",
    ]
