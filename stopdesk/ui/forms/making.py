"""Makes the form that fits a spec: generated fields, or a table of names and values where nothing is described."""

from __future__ import annotations

from stopdesk.domain.spec import ModelSpec
from stopdesk.ui.forms.form import ModelForm
from stopdesk.ui.forms.free_form import FreeForm
from stopdesk.ui.forms.molecule_editors import AskFile, ask_file
from stopdesk.ui.forms.molecules import MoleculeLibrary
from stopdesk.ui.notices import Notices
from stopdesk.ui.tasks import Tasks

#: Both say and take the same.
Form = ModelForm | FreeForm


def new_form(
    spec: ModelSpec, *, tasks: Tasks, notices: Notices, library: MoleculeLibrary, ask_file: AskFile = ask_file
) -> Form:
    """The form of a spec."""
    if spec.free:
        return FreeForm(spec, ask_file=ask_file)
    return ModelForm(spec, tasks=tasks, notices=notices, library=library, ask_file=ask_file)
