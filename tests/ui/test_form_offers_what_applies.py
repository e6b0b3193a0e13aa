"""A form shows only what applies; what is hidden keeps its text and is not sent."""

from __future__ import annotations

from stopdesk.domain.lte import LTE
from tests.ui.form_parts import choose, read, type_into

DUST = ("dust_temperature", "dust_optical_depth")


def shown(form):
    return {name for name, row in form.rows.items() if not row.isHidden()}


def test_the_first_preset_fills_a_new_form(form):
    assert form.n_rows == 250
    assert form.problems() == ()
    assert form.request()["column_density"] == "1e14:1e18:5:log"
    assert form.request()["background_temperature"] == "2.725"


def test_groups_stand_in_the_order_of_the_spec_and_advanced_ones_are_folded(form):
    assert [box.group for box in form.boxes] == list(form.spec.groups)
    assert [box.folded for box in form.boxes] == [group.advanced for group in form.spec.groups]


def test_dust_and_profile_appear_with_the_uniform_geometries(form):
    assert not shown(form) & {*DUST, "line_profile"}
    choose(form.rows["geometry"].editor.menu, "uniform_sphere")
    assert {*DUST, "line_profile"} <= shown(form)
    choose(form.rows["geometry"].editor.menu, "expanding_slab")
    assert not shown(form) & {*DUST, "line_profile"}


def test_what_is_hidden_keeps_its_text_and_is_not_sent(form):
    geometry = form.rows["geometry"].editor.menu
    choose(geometry, "uniform_slab")
    choose(form.rows["line_profile"].editor.menu, "rectangular")
    type_into(form.rows["dust_optical_depth"].editor.text, "0.25")
    assert (form.request()["dust_optical_depth"], form.request()["line_profile"]) == ("0.25", "rectangular")
    choose(geometry, "expanding_sphere")
    assert not set(form.request()) & {*DUST, "line_profile"}
    assert form.problems() == ()
    choose(geometry, "uniform_slab")
    assert (form.request()["dust_optical_depth"], form.request()["line_profile"]) == ("0.25", "rectangular")


def test_a_mistake_in_a_hidden_field_is_in_nobodys_way(form):
    geometry = form.rows["geometry"].editor.menu
    choose(geometry, "uniform_slab")
    type_into(form.rows["dust_optical_depth"].editor.text, "much")
    assert form.problems()
    choose(geometry, "expanding_sphere")
    assert form.problems() == ()


def test_only_partners_with_rates_are_offered(qtbot, form):
    assert {"density_h2", "density_ph2", "density_oh2", "ortho_para_ratio"} <= shown(form)
    assert not shown(form) & {"density_he", "density_e", "density_h", "density_hp"}
    choose(form.rows["molecule"].editor.menu, "hco+")
    read(qtbot, form)
    assert "density_h2" in shown(form)
    assert not shown(form) & {"density_ph2", "density_oh2", "ortho_para_ratio"}
    assert "ortho_para_ratio" not in form.request()
    assert form.problems() == ()


def test_the_ratio_matters_only_while_h2_is_given(form):
    density = form.rows["density_h2"].editor
    density.open_axis.click()
    type_into(density.text, "")
    assert "ortho_para_ratio" not in shown(form)
    assert "at least one collision partner" in form.rows["density_h2"].problem.text()
    type_into(density.text, "1e")
    assert "ortho_para_ratio" in shown(form), "a number that is being typed is no reason to take a field away"


def test_a_folded_group_counts_what_is_set_and_what_is_wrong(form):
    partners = next(box for box in form.boxes if box.group.name == "partners")
    partners.title.click()
    assert not partners.folded
    type_into(form.rows["density_ph2"].editor.text, "1e4")
    partners.title.click()
    assert partners.folded
    assert partners.title.text() == "More collision partners  ·  1 set  ·  ⚠ 1 to mend"
    type_into(form.rows["density_h2"].editor.minimum, "")
    type_into(form.rows["density_ph2"].editor.text, "")
    assert partners.title.text() == "More collision partners"


def test_folds_stay_as_they_are_when_the_form_is_filled_anew(form):
    partners = next(box for box in form.boxes if box.group.name == "partners")
    partners.title.click()
    form.apply_preset(form.spec.presets[1])
    assert not partners.folded


def test_the_form_of_lte_is_made_from_its_own_spec(make_form):
    form = make_form(LTE)
    assert set(form.rows) == {parameter.name for parameter in LTE.parameters}
    assert form.request() == {**LTE.presets[0].request, "background_temperature": "2.725"}
    assert form.problems() == ()


def test_tooltips_give_help_and_range(form):
    tip = form.rows["kinetic_temperature"].editor.text.toolTip()
    assert "Temperature of the gas" in tip
    assert "0.1 to 1e5 K" in tip
