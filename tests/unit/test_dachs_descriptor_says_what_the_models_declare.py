"""The descriptor for DaCHS has the parameters of the models, and the server needs no more than numpy to check them."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

from stopdesk import paths
from stopdesk.domain.models import MODELS
from stopdesk.domain.parameter import Choice, FileInput, MoleculeChoice
from stopdesk.domain.spec import ModelSpec
from stopdesk.formats import molecules

DACHS = paths.resources() / "dachs"
ROOT = Path(__file__).resolve().parents[2]


def loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_is_the_one_that_is_made_from_the_declarations() -> None:
    made = loaded(DACHS / "make_descriptor.py").descriptor()
    assert made == (DACHS / "stop" / "q.rd").read_text(), "run: make descriptor"


@pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.name)
def test_names_units_options_and_defaults_are_those_of_the_model(spec: ModelSpec) -> None:
    resource = ElementTree.parse(DACHS / "stop" / "q.rd").getroot()
    (service,) = (each for each in resource.iter("service") if each.get("id") == spec.name)
    assert "async" in str(service.get("allowed")).split(",")
    assert service.findtext("customCore/property") == spec.name
    keys = service.findall("customCore/inputTable/inputKey")
    assert [key.get("name") for key in keys] == [parameter.name for parameter in spec.parameters]
    for key, parameter in zip(keys, spec.parameters, strict=True):
        assert key.get("type") == ("file" if isinstance(parameter, FileInput) else "text")
        assert key.get("unit", "") == parameter.unit_text
        assert key.get("ucd", "") == parameter.ucd
        assert str(key.get("description")).startswith(parameter.help)
        values = key.find("values")
        default = None if values is None else values.get("default")
        expected = parameter.default_value
        assert default == (None if expected is None else parameter.format(expected))
        options = [] if values is None else [option.text for option in values.iter("option")]
        if isinstance(parameter, MoleculeChoice):
            assert options == [molecule.key for molecule in molecules.bundled()]
        else:
            assert options == (list(parameter.options) if isinstance(parameter, Choice) else [])


def test_requests_are_checked_with_numpy_and_nothing_else() -> None:
    code = f"""
import sys
allowed = {{"numpy", "stopdesk", "stop_engine"}} | set(sys.stdlib_module_names)
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in allowed:
            raise ImportError(f"{{name}} is not there on a server")
sys.meta_path.insert(0, Refuse())
sys.path.insert(0, {str(DACHS / "stop" / "bin")!r})
import stop_engine
from pathlib import Path
settings = stop_engine.Settings(
    command=(), package=Path({str(Path(paths.__file__).parent)!r}), workers=1, cache=Path("/"), max_rows=100,
    max_upload=10, slurm=None,
)
stop_engine.check(settings, "lvg", {{"density_h2": "1e4", "column_density": "1e14:1e16:100:log"}}, {{}})
long = {{"density_h2": "1e4", "column_density": "1e14:1e16:101:log"}}
for request in (long, {{"line_width": "-1"}}, {{"lines": "1"}}):
    try:
        stop_engine.check(settings, "lvg", request, {{}})
    except stop_engine.Refused as error:
        print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False, cwd="/"
    )
    assert not done.stderr
    assert done.stdout.splitlines() == [
        "column_density: The grid has 101 rows; at most 100 are computed here at once.",
        "line_width: -1 is out of range: above 0 to 5000 km/s.",
        "lines: The lvg model has no such parameter.",
    ]


def test_the_engine_s_packages_are_among_those_of_the_program() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [line for line in (DACHS / "requirements-engine.in").read_text().splitlines() if line[:1] != "#"]
    assert set(wanted) <= set(project["dependencies"])
    versions = {line.split(" \\")[0] for line in (ROOT / "requirements.lock").read_text().splitlines() if "==" in line}
    locked = (DACHS / "requirements-engine.lock").read_text().splitlines()
    engine = {line.split(" \\")[0] for line in locked if "==" in line}
    assert {line.partition("=")[0] for line in engine} >= {"astropy", "numba", "numpy", "pythonradex", "scipy"}
    assert {line.partition(" ;")[0] for line in engine} <= {line.partition(" ;")[0] for line in versions}
    assert not [line for line in engine if "pyside" in line.lower() or "qt" in line.lower()]
