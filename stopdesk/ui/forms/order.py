"""What a filled form asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class RunOrder:
    """What the astronomer wants computed: as sent, with its files by parameter name; ``service`` is a service's key.

    ``model`` is None where the form is the service's own.
    """

    name: str
    model: str | None
    request: dict[str, str]
    attachments: dict[str, Path] = field(default_factory=dict)
    service: str = ""
