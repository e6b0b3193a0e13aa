"""Drawings for Aladin: circles, ellipses and outlines in a plane with a name that cannot end the command."""

from __future__ import annotations

import numpy as np

from stopdesk.samp.messages import aladin_script
from stopdesk.samp.scripts import circle_script, ellipse_script, outlines_script


def test_a_circle_has_its_radius_in_minutes_of_arc() -> None:
    assert circle_script("Search M83", 204.25, -29.87, 0.05).splitlines() == [
        'draw newtool("Search M83")',
        "draw mode(RADEC)",
        "draw circle(204.2500000,-29.8700000,3')",
    ]


def test_names_cannot_break_out_of_their_command() -> None:
    first = circle_script('M83"); rm -all;\n draw newtool("x', 1.0, 2.0, 0.1).splitlines()
    assert len(first) == 3
    assert first[0] == 'draw newtool("M83 rm -all draw newtool x")'
    assert circle_script("″″", 1.0, 2.0, 0.1).startswith('draw newtool("stopdesk")')


def test_a_beam_is_an_ellipse_with_its_major_axis_turned() -> None:
    script = ellipse_script("Beam", 10.0, 20.0, (10 / 3600, 5 / 3600), 30.0)
    assert script.splitlines()[-1] == "draw ellipse(10.0000000,20.0000000,0.0833333',0.166667',30)"


def test_outlines_become_polygons() -> None:
    corners = np.array([359.9, 0.1, 0.1]), np.array([-1.0, -1.0, 1.0])
    shifted = np.array([-0.1, 360.1, 0.1]), np.array([-1.0, -1.0, 1.0])
    script = outlines_script("Footprints", [corners, shifted])
    polygon = "draw polygon(359.9000000,-1.0000000,0.1000000,-1.0000000,0.1000000,1.0000000)"
    assert script.splitlines()[2:] == [polygon, polygon]
    assert aladin_script(script).params["script"] == script
