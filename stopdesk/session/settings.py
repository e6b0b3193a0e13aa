"""The settings file: JSON with an integer version, written whole; a damaged one is set aside, a newer one let alone."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from stopdesk import paths
from stopdesk.domain.settings import Settings
from stopdesk.errors import FileError
from stopdesk.session.atomic import replacing, words

#: The version that this program writes. A new one comes with a function here that leads to it from the one before.
VERSION = 1

_log = logging.getLogger(__name__)


class SettingsFile:
    """Where the settings lie. ``notice`` says, after ``load``, what the user should know of it, else it is empty."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or paths.config_dir() / "settings.json"
        self.notice = ""

    def load(self) -> Settings:
        """The settings, with defaults for what is missing or wrong; what is wrong is told in ``notice``."""
        self.notice = ""
        try:
            document = _document(self.path.read_bytes())
        except FileNotFoundError:
            return Settings()
        except OSError as error:
            self.notice = f"The settings in {self.path} cannot be read: {words(error)}. Defaults are used."
            return Settings()
        except ValueError:
            self._set_aside("They were damaged; defaults are used.")
            return Settings()
        if _is_newer(document):
            self.notice = (
                f"The settings were made by a newer stopdesk (format {document['version']}); this one reads up to "
                f"{VERSION}. They are left as they are; defaults are used, and changes are not kept."
            )
            return Settings()
        settings, wrong = _settings(document)
        if wrong:
            self._set_aside(f"Defaults are used for what was wrong there: {' '.join(wrong)}")
            self._try_to_save(settings)
        return settings

    def save(self, settings: Settings) -> bool:
        """Write the settings; False, and nothing is written, when those on disk are of a newer stopdesk.

        Raises FileError when they cannot be written.
        """
        try:
            if _is_newer(_document(self.path.read_bytes())):
                return False
        except (OSError, ValueError):
            pass  # missing, or unreadable: written anew, or the writing says why not
        document = {"version": VERSION, **settings.model_dump(mode="json")}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(self.path, f"cannot be written: {words(error)}.") from error
        with replacing(self.path) as file:
            file.write(json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n")
        return True

    def _set_aside(self, reason: str) -> None:
        """Rename the file, so that what is in it can be looked up, and tell."""
        aside = self.path.with_name(f"{self.path.stem}-damaged{self.path.suffix}")
        try:
            self.path.replace(aside)
            self.notice = f"The settings were set aside as {aside}. {reason}"
        except OSError as error:
            self.notice = f"The settings in {self.path} cannot be set aside ({words(error)}). {reason}"

    def _try_to_save(self, settings: Settings) -> None:
        try:
            self.save(settings)
        except FileError as error:
            _log.info("what was right in the settings could not be written back: %s", error)


def _document(content: bytes) -> dict[str, Any]:
    """The JSON object with its version; ValueError when it is none."""
    document = json.loads(content)
    version = document.get("version") if isinstance(document, dict) else None
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ValueError("no settings")
    return dict(document)


def _is_newer(document: dict[str, Any]) -> bool:
    return bool(document["version"] > VERSION)


def _settings(document: dict[str, Any]) -> tuple[Settings, list[str]]:
    """What is right in the document, and sentences on what is wrong (a list of services counts as one)."""
    values = {name: value for name, value in document.items() if name in Settings.model_fields}
    try:
        return Settings.model_validate(values), []
    except ValidationError as error:
        wrong = {str(detail["loc"][0]) for detail in error.errors()}
        said = [detail["msg"].removeprefix("Value error, ").rstrip(".") + "." for detail in error.errors()]
        return Settings.model_validate({name: v for name, v in values.items() if name not in wrong}), said
