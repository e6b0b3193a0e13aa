"""Undo and redo of a form: one step for what is typed in a field at a time, one for a whole preset."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QUndoCommand

from stopdesk.domain.session import FieldState

_TYPING = 1


class FieldEdit(QUndoCommand):
    """A change of one field that has already happened. Typing with the same ``stay`` in the field is one step."""

    def __init__(
        self,
        put: Callable[[str, FieldState], None],
        name: str,
        label: str,
        change: tuple[FieldState, FieldState],
        *,
        stay: int | None,
    ) -> None:
        super().__init__(f"change of {label[:1].lower() + label[1:]}" if label[1:2].islower() else f"change of {label}")
        self._put = put
        self._name = name
        self._before, self._after = change
        self._stay = stay
        self._done = True

    def id(self) -> int:
        """Only typing merges."""
        return -1 if self._stay is None else _TYPING

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take in more typing in the same field."""
        if not isinstance(other, FieldEdit) or (other._name, other._stay) != (self._name, self._stay):
            return False
        self._after = other._after
        self.setObsolete(self._after == self._before)
        return True

    def undo(self) -> None:
        """Put the field back."""
        self._put(self._name, self._before)

    def redo(self) -> None:
        """Put the change there again; the first time it is there already."""
        if self._done:
            self._done = False
            return
        self._put(self._name, self._after)


class FormEdit(QUndoCommand):
    """A change of the whole form (a preset, a run to be changed), or of what is said above it."""

    def __init__(self, put: Callable[[Any], None], text: str, before: object, after: object) -> None:
        super().__init__(text)
        self._put = put
        self._before = before
        self._after = after

    def undo(self) -> None:
        """Put the form back."""
        self._put(self._before)

    def redo(self) -> None:
        """Fill the form."""
        self._put(self._after)
