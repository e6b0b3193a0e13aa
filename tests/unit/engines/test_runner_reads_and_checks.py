"""A request becomes a plan, or one error with everything that is wrong with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stopdesk.domain.parameter import Attachment
from stopdesk.engines import runner
from stopdesk.errors import InputError, InvalidParameters
from stopdesk.formats import molecules


def test_defaults_make_a_plan() -> None:
    plan = runner.prepare("lvg", {"density_h2": "1e4"}, {})
    assert (plan.n_rows, plan.molecule.name, plan.values["geometry"]) == (1, "CO", "expanding_sphere")
    assert plan.lines.tolist() == list(range(plan.molecule.n_lines))


def test_lines_outside_the_frequencies_are_left_out() -> None:
    whole = runner.prepare("lte", {}, {})
    plan = runner.prepare("lte", {"frequency_min": "100", "frequency_max": "500 GHz"}, {})
    assert plan.molecule.frequency[plan.lines].tolist() == pytest.approx([115.271, 230.538, 345.796, 461.041], abs=1e-3)
    part, all_lines = runner.compute(plan), runner.compute(whole)
    np.testing.assert_array_equal(part.outputs["flux"], all_lines.outputs["flux"][:, plan.lines])


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(InvalidParameters) as caught:
        runner.prepare("lte", {"column_density": "much", "colour": "red", "line_width": "1:2"}, {})
    assert {name for problem in caught.value.problems for name in problem.parameters} == {
        "column_density",
        "colour",
        "line_width",
    }


def test_an_unknown_molecule_and_model_are_named() -> None:
    with pytest.raises(InvalidParameters, match="xyz"):
        runner.prepare("lte", {"molecule": "xyz"}, {})
    with pytest.raises(InputError, match="rt9d"):
        runner.prepare("rt9d", {}, {})


def test_an_uploaded_molecule_is_used(tmp_path: Path) -> None:
    path = tmp_path / "mine.dat"
    path.write_bytes(molecules.find("hco+").path.read_bytes())
    plan = runner.prepare("lte", {"excitation_temperature": "10"}, {"molecule_file": path})
    attachment = plan.values["molecule_file"]
    assert isinstance(attachment, Attachment)
    assert (attachment.file_name, attachment.sha256) == ("mine.dat", molecules.find("hco+").sha256)
    assert "molecule" not in plan.values
    bundled = runner.prepare("lte", {"excitation_temperature": "10", "molecule": "hco+"}, {})
    np.testing.assert_array_equal(runner.compute(plan).outputs["flux"], runner.compute(bundled).outputs["flux"])


def test_a_damaged_molecule_file_is_a_bad_parameter(tmp_path: Path) -> None:
    path = tmp_path / "mine.dat"
    path.write_bytes(molecules.find("co").path.read_bytes()[:2000])
    with pytest.raises(InvalidParameters, match=r"mine\.dat, line \d+") as caught:
        runner.prepare("lte", {}, {"molecule_file": path})
    assert caught.value.problems[0].parameters == ("molecule_file",)
    with pytest.raises(InvalidParameters, match=r"nowhere\.dat"):
        runner.prepare("lte", {}, {"molecule_file": tmp_path / "nowhere.dat"})


def test_a_frequency_that_hardly_fits_is_noted_in_the_result(tmp_path: Path) -> None:
    path = tmp_path / "mine.dat"
    path.write_bytes(molecules.find("co").path.read_bytes().replace(b"230.5380000", b"235.0"))
    plan = runner.prepare("lte", {}, {"molecule_file": path})
    notes = runner.assemble(plan, runner.compute(plan)).notes
    assert any(note.startswith("The file gives 235 GHz for the line 2-1") for note in notes)


def test_sentences_call_a_bundled_molecule_by_its_short_name() -> None:
    with pytest.raises(InvalidParameters, match=r"The rates of N\+ with e run from"):
        runner.prepare("lvg", {"molecule": "n+", "density_e": "1e3", "kinetic_temperature": "20"}, {})
