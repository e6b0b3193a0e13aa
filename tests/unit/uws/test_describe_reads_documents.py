"""Descriptions of services become specs with the same kinds of parameter as ours, however odd they are."""

from __future__ import annotations

import contextlib
import json

import pytest
from astropy import units as u
from hypothesis import given
from hypothesis import strategies as st

from stopdesk.domain.kinds import Flag, Integer, Several, Text
from stopdesk.domain.models import MODELS
from stopdesk.domain.parameter import Choice, FileInput, MoleculeChoice, Number, Parameter
from stopdesk.domain.spec import ModelSpec
from stopdesk.errors import Malformed, NetworkError, Refused
from stopdesk.uws.describe import (
    read_capabilities,
    read_datalink,
    read_jdl_json,
    read_jdl_votable,
    read_metadata,
)
from stopdesk.uws.describe.drafts import MAX_PARAMETERS, spec_of
from stopdesk.uws.describe.units import FAMILIES, offered
from stopdesk.uws.service import capabilities
from tests.described import ANYTHING, NAMES, drafts, recorded

URL = "http://127.0.0.1:18080/lvg/q/grid/capabilities"


def kinds(spec: ModelSpec) -> dict[str, str]:
    return {parameter.name: type(parameter).__name__ for parameter in spec.parameters}


def vosi(*params: str) -> bytes:
    return (
        '<cap:capabilities xmlns:cap="x" xmlns:xsi="y"><capability><interface xsi:type="vs:ParamHTTP">'
        f"<accessURL>http://h/s/api?</accessURL>{''.join(params)}</interface></capability></cap:capabilities>"
    ).encode()


def votable(params: str, *, group: str = "inputParams", utype: str = "adhoc:service", own: str = "") -> bytes:
    return (
        f'<VOTABLE><RESOURCE type="meta" name="svc" utype="{utype}"><DESCRIPTION>A service.</DESCRIPTION>{own}'
        f'<GROUP name="{group}">{params}</GROUP></RESOURCE></VOTABLE>'
    ).encode()


def test_the_capabilities_of_dachs_give_types_units_and_files():
    spec = read_capabilities(recorded("dachs_capabilities.xml"), URL)
    found = kinds(spec)
    assert (spec.name, spec.origin, spec.presets, spec.free) == ("grid", URL, (), False)
    assert found["molfile"] == "FileInput"
    assert "UPLOAD" not in found
    assert (found["cd_min"], found["cd_n"], found["molecule"]) == ("Number", "Integer", "Text")
    column = spec.parameter("cd_min")
    assert isinstance(column, Number)
    assert (column.unit_text, column.axis, column.help) == ("cm-2", False, "Lowest column density")
    density = spec.parameter("density")
    assert isinstance(density, Several)
    assert (density.joined, density.unit_text) == (False, "cm-3")
    weights = spec.parameter("weights")
    assert isinstance(weights, Several)
    assert weights.joined
    assert [p.name for p in spec.parameters if p.group == "protocol"] == ["responseformat", "maxrec", "verb"]


def test_the_metadata_of_dachs_add_options_defaults_and_yes_or_no():
    spec = read_metadata(recorded("dachs_metadata.xml"), URL, {"maxrec", "verb", "responseformat"})
    assert spec.title == "LVG test services"
    geometry, log = spec.parameter("geometry"), spec.parameter("cd_log")
    assert isinstance(geometry, Choice)
    assert (geometry.options, geometry.default) == (("sphere", "lvg", "slab"), "sphere")
    assert isinstance(log, Flag)
    assert (log.default, log.words) == (True, ("True", "False"))
    assert spec.parameter("tbg").default_value == 2.73
    assert spec.request(spec.complete({}, None))["cd_log"] == "True"
    assert spec.parameter("maxrec").group == "protocol"
    verb = spec.parameter("verb")
    assert isinstance(verb, Choice)
    assert verb.label_of("2") == "normal (2)"


def test_both_job_descriptions_of_opus_say_the_same():
    one = read_jdl_votable(recorded("opus_job_description.xml"), "http://h/jdl/lab")
    two = read_jdl_json(recorded("opus_job_description.json"), "http://h/jdl/lab/json")
    assert one.parameters == two.parameters
    assert (one.name, one.summary, two.name) == ("lab", two.summary, "lab")
    assert one.parameter("text") == Text(
        name="text", label="text", help="text", group="required", required=True, default="Hello World"
    )


def test_a_job_description_with_ranges_options_and_used_files():
    document = votable(
        '<PARAM name="mode" datatype="char" arraysize="*" value="b">'
        '<VALUES><OPTION value="a"/><OPTION value="b"/></VALUES></PARAM>'
        '<PARAM name="t" datatype="float" unit="K" value="5" type="no_query"><DESCRIPTION>Temperature</DESCRIPTION>'
        '<VALUES><MIN value="1"/><MAX value="1e3"/></VALUES></PARAM>'
        '<PARAM name="image" datatype="char" arraysize="*" xtype="application/octet-stream" value=""/>',
        group="InputParams",
        utype="voprov:ActivityDescription",
        own='<GROUP name="Used"><GROUP name="events"><DESCRIPTION>The events</DESCRIPTION>'
        '<PARAM name="url" value="file://$ID"/></GROUP>'
        '<GROUP name="obs"><PARAM name="url" value="http://archive/$ID"/></GROUP></GROUP>',
    )
    spec = read_jdl_votable(document, "http://h/jdl/svc")
    assert kinds(spec) == {"mode": "Choice", "t": "Number", "image": "FileInput", "events": "FileInput", "obs": "Text"}
    assert [p.name for p in spec.parameters if not p.required] == ["t"]
    assert spec.parameter("t").range_text == "1 to 1000 K"
    assert [group.label for group in spec.groups] == ["Required", "Optional", "Of the protocol"]


def test_a_job_description_in_json_with_everything():
    document = {
        "name": "svc",
        "annotation": "Does it.",
        "parameters_keys": ["b", "a"],
        "parameters": {
            "a": {"datatype": "xs:integer", "required": "false", "default": "3", "min": "1", "max": "9"},
            "b": {"datatype": "xs:string", "required": True, "options": "x,y", "default": "y"},
            "c": {"datatype": "xs:boolean", "required": "false", "default": "true"},
            "d": {"datatype": "file", "required": "true", "default": ""},
            "e": {"datatype": "xs:double", "multiplicity": "*", "unit": "GHz"},
        },
        "used": {"d": {"url": "file://$ID"}, "f": {"url": "http://x/$ID", "annotation": "An observation"}},
    }
    spec = read_jdl_json(json.dumps(document).encode(), "http://h/jdl/svc/json")
    assert [p.name for p in spec.parameters] == ["b", "a", "c", "d", "e", "f"]
    assert list(kinds(spec).values()) == ["Choice", "Integer", "Flag", "FileInput", "Several", "Text"]
    assert spec.parameter("a").range_text == "a whole number, 1 to 9"


def test_a_service_descriptor_gives_its_input():
    spec = read_datalink(recorded("dachs_datalink.xml"), "http://127.0.0.1:18080/spec/q/sdl/dlmeta")
    assert kinds(spec) == {"ID": "Text", "FLUXCALIB": "Choice", "BAND": "Several", "FORMAT": "Choice"}
    band = spec.parameter("BAND")
    assert isinstance(band, Several)
    assert (band.joined, band.least, band.most, band.unit_text) == (True, 2, 2, "m")
    assert "0.001300123 to 0.0013006858 m" in band.range_text


def test_of_several_descriptors_the_one_of_the_jobs_counts():
    def descriptor(name: str, url: str, standard: str = "") -> str:
        return (
            f'<RESOURCE type="meta" utype="adhoc:service" name="{name}"><GROUP name="inputParams"><PARAM name="{name}" '
            f'datatype="int" value=""/></GROUP><PARAM name="accessURL" value="{url}"/>'
            f'<PARAM name="standardID" value="{standard}"/></RESOURCE>'
        )

    document = (
        "<VOTABLE><RESOURCE type='results'>"
        + descriptor("links", "http://h/links")
        + descriptor("soda", "http://h/soda", "ivo://ivoa.net/std/SODA#async-1.0")
        + descriptor("mine", "http://other/jobs/")
        + "</RESOURCE></VOTABLE>"
    ).encode()
    assert read_datalink(document, "http://h/dl", "http://other/jobs").name == "mine"
    assert read_datalink(document, "http://h/dl", "http://h/elsewhere").name == "soda"


@pytest.mark.parametrize("own", MODELS, ids=lambda spec: spec.name)
def test_our_own_service_is_read_as_it_was_declared(own):
    spec = read_capabilities(
        capabilities.model(own, "http://127.0.0.1:1").encode(), f"http://127.0.0.1:1/{own.name}/capabilities"
    )
    assert [p.name for p in spec.parameters] == [p.name for p in own.parameters]
    for declared, read in zip(own.parameters, spec.parameters, strict=True):
        assert (read.help, read.unit_text, read.required, read.ucd) == (
            declared.help,
            declared.unit_text,
            declared.required,
            declared.ucd,
        )
        assert read.default_value == declared.default_value
        if isinstance(declared, Number):
            assert isinstance(read, Number)
            assert (read.minimum, read.maximum, read.above, read.words, read.axis) == (
                declared.minimum,
                declared.maximum,
                declared.above,
                declared.words,
                declared.axis,
            )
        elif isinstance(declared, MoleculeChoice):
            assert isinstance(read, Choice)
            assert "co" in read.options
        elif isinstance(declared, Choice):
            assert isinstance(read, Choice)
            assert read.options == declared.options
        else:
            assert isinstance(read, FileInput)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("The mass (default: 5)", 5.0),
        ("The mass. Default: 7.5. Range: above 0 to 10 K.", 7.5),
        ("The mass, must be between 1 and 3 (default 2)", 2.0),
        ("The mass, must be between 1 and 3 (default 20)", None),
        ("Between you and me, 5 or 6", None),
    ],
)
def test_what_is_said_in_so_many_words_is_understood(words, expected):
    spec = read_capabilities(
        vosi(f"<param><name>m</name><description>{words}</description><dataType>real</dataType></param>"), URL
    )
    assert spec.parameter("m").default_value == expected


def test_numbers_that_a_service_of_ours_takes_as_text_are_numbers():
    def param(name: str, words: str) -> str:
        kind = '<dataType arraysize="*">char</dataType>'
        return f"<param><name>{name}</name><description>{words}</description><unit>GHz</unit>{kind}</param>"

    axis = "An axis of a grid is written min:max:n or min:max:n:log."
    spec = read_capabilities(
        vosi(
            param("a", f"A frequency. Range: above 0 to 1e8 GHz, or thermal. Default: 20. {axis}"),
            param("b", "Another. Range: 0 to 1e8 GHz."),
            param("c", "Range: wide."),
        ),
        URL,
    )
    a, b, c = spec.parameters
    assert isinstance(a, Number)
    assert isinstance(b, Number)
    assert (a.help, a.axis, a.default, a.words, a.range_text) == (
        "A frequency.",
        True,
        20.0,
        ("thermal",),
        "above 0 to 1e8 GHz, or thermal",
    )
    assert (b.axis, b.maximum) == (False, 1e8)
    assert isinstance(c, Text)


@pytest.mark.parametrize(
    ("words", "is_repeated"),
    [
        ("Collision partner; repeat", True),
        ("A name. May be repeated.", True),
        ("How photons escape. Those 'as in RADEX' repeat its expressions.", False),
        ("The repetition rate", False),
        ("Do not repeat the mistake", False),
    ],
)
def test_a_parameter_is_repeated_only_where_it_says_so(words, is_repeated):
    spec = read_capabilities(
        vosi(f"<param><name>m</name><description>{words}</description><dataType>string</dataType></param>"), URL
    )
    assert isinstance(spec.parameter("m"), Several) == is_repeated


def test_options_in_words_become_a_choice():
    spec = read_capabilities(
        vosi("<param><name>m</name><description>The engine, one of: numpy, numba or fortran</description></param>"), URL
    )
    choice = spec.parameter("m")
    assert isinstance(choice, Choice)
    assert choice.options == ("numpy", "numba", "fortran")


@pytest.mark.parametrize(
    ("written", "first", "n"),
    [
        ("cm**-2", "cm-2", 2),
        ("1/cm3", "cm-3", 2),
        ("km.s-1", "km/s", 3),
        ("km s**-1", "km/s", 3),
        ("Kelvin", "K", 2),
        ("µm", "um", 6),
        ("km/s/Mpc", "km/s/Mpc", 1),
        ("furlongs", "furlongs", 1),
        ("10**99999999999 K", "", 1),
        ("<img src='x'>", "", 1),
        ("m" * 1000, "", 1),
        ("", "", 1),
    ],
)
def test_units_are_known_however_they_are_spelled(written, first, n):
    assert (offered(written)[0], len(offered(written))) == (first, n)


def test_every_unit_of_a_menu_is_one_that_astropy_converts():
    for family in FAMILIES:
        for unit in family:
            assert u.Unit(unit).is_equivalent(u.Unit(family[0]))


@pytest.mark.parametrize(
    ("read", "document"),
    [
        (read_capabilities, recorded("dachs_cone_search_capabilities.xml")),
        (read_capabilities, b"<!DOCTYPE html><html><p>Not found</p></html>"),
        (read_capabilities, b"<capabilities>"),
        (read_capabilities, b"<!DOCTYPE x [<!ENTITY a 'b'>]><capabilities/>"),
        (read_capabilities, vosi()),
        (read_capabilities, vosi("<param><name>PHASE</name></param>", "<param use='ignored'><name>x</name></param>")),
        (read_jdl_votable, b"<VOTABLE/>"),
        (read_metadata, b"<VOTABLE><RESOURCE/></VOTABLE>"),
        (read_datalink, b"<VOTABLE><RESOURCE utype='adhoc:service'/></VOTABLE>"),
        (read_jdl_json, b"{"),
        (read_jdl_json, b"[1]"),
        (read_jdl_json, b"[" * 100_000),
        (read_jdl_json, b'{"parameters": {}}'),
        (read_jdl_json, b'{"parameters": {"a": {"default": ' + b"9" * 10_000 + b"}}}"),
    ],
)
def test_what_describes_nothing_is_told_in_words(read, document):
    with pytest.raises(Malformed, match=r"127\.0\.0\.1:18080"):
        read(document, URL)


def test_an_error_in_a_votable_is_the_services_no():
    error = b"<VOTABLE><RESOURCE><INFO name='QUERY_STATUS' value='ERROR'>No such job</INFO></RESOURCE></VOTABLE>"
    with pytest.raises(Refused, match="No such job"):
        read_metadata(error, URL)


def test_ten_thousand_parameters_are_bounded_and_said():
    params = (f"<param><name>p{i}</name><dataType>real</dataType></param>" for i in range(10_000))
    spec = read_capabilities(vosi(*params), URL)
    assert len(spec.parameters) == MAX_PARAMETERS
    assert f"Only the first {MAX_PARAMETERS} of 10000 parameters are shown." in spec.description


def test_names_that_cannot_be_used_are_left_out_and_doubles_come_once():
    def param(name: str) -> str:
        return f"<param><name>{name}</name><dataType>int</dataType></param>"

    names = ("good", "GOOD", "a&#10;b", "", "x" * 200, "&#x202e;evil", "<b/>")
    spec = read_capabilities(vosi(*map(param, names)), URL)
    assert [p.name for p in spec.parameters] == ["good"]
    assert "5 parameters are left out" in spec.description


def test_absurd_ranges_defaults_and_types_are_left_out():
    spec = read_metadata(
        b"<VOTABLE><RESOURCE>"
        b"<PARAM name='INPUT:a' datatype='double' value='NaN'><VALUES><MIN value='9'/><MAX value='1'/></VALUES></PARAM>"
        b"<PARAM name='INPUT:b' datatype='int' value='x'><VALUES><MIN value='1.5'/><MAX value='1.7'/></VALUES></PARAM>"
        b"<PARAM name='INPUT:c' datatype='quaternion' arraysize='-3' value='q'/>"
        b"<PARAM name='INPUT:d' datatype='double' arraysize='99999999999' value='inf'>"
        b"<VALUES><MIN value='1e999'/></VALUES></PARAM>"
        b"</RESOURCE></VOTABLE>",
        URL,
    )
    a, b, c, d = spec.parameters
    assert (a.range_text, a.default_value) == ("any number", None)
    assert (b.range_text, b.default_value) == ("a whole number", None)
    assert isinstance(c, Text)
    assert "quaternion" in c.help
    assert (type(d), d.default_value) == (Number, None)


def test_words_of_strangers_are_one_line_of_bounded_plain_text():
    spec = read_capabilities(
        vosi(f"<param><name>n</name><description>&lt;b&gt;x&#10;&#x85;y {'z' * 9000}</description></param>"), URL
    )
    (parameter,) = spec.parameters
    assert parameter.help.startswith("<b>x y zz")
    assert len(parameter.help) == 600
    assert parameter.help.isprintable()


def too_wrong_for_its_own_default(parameter: Parameter) -> bool:
    value = parameter.default_value
    return value is not None and parameter.problem(value) is not None


@given(st.lists(drafts(), max_size=8))
def test_any_description_makes_a_spec_that_holds_together(found):
    try:
        spec = spec_of(found, origin=URL)
    except Malformed:
        return
    names = [parameter.name.casefold() for parameter in spec.parameters]
    assert len(set(names)) == len(names)
    groups = {group.name for group in spec.groups}
    for parameter in spec.parameters:
        assert parameter.group in groups
        assert parameter.help.isprintable()
        assert parameter.label.isprintable()
        assert not too_wrong_for_its_own_default(parameter)
    defaults = spec.complete({}, None)
    assert spec.read(spec.request(defaults)) == defaults


@given(st.lists(st.tuples(NAMES, ANYTHING, ANYTHING, ANYTHING), max_size=4), st.binary(max_size=30))
def test_any_json_and_any_bytes_give_a_spec_or_a_sentence(entries, noise):
    parameters = {
        name: {"datatype": kind, "default": default, "options": options} for name, kind, default, options in entries
    }
    for read in (read_jdl_json, read_jdl_votable, read_capabilities, read_datalink, read_metadata):
        for document in (json.dumps({"parameters": parameters, "used": parameters}).encode(), noise):
            with contextlib.suppress(NetworkError):
                assert read(document, URL).parameters


def test_a_declared_integer_has_no_decimals():
    spec = read_metadata(
        b"<VOTABLE><RESOURCE><PARAM name='INPUT:n' datatype='int' value='4'/></RESOURCE></VOTABLE>", URL
    )
    assert isinstance(spec.parameters[0], Integer)
    assert spec.request({"n": 4}) == {"n": "4"}
