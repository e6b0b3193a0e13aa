"""The manual says what is so: its list of models is that of the declarations, and its links and pictures exist."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from stopdesk.commands.models import manual

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_list_of_models_is_made_from_the_declarations() -> None:
    page = ROOT / "docs" / "models.md"
    if os.environ.get("STOPDESK_PICTURES"):
        page.write_text(manual(), encoding="utf-8")
    assert page.read_text(encoding="utf-8") == manual(), "renew it with: make pictures"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name} points to {target}"
