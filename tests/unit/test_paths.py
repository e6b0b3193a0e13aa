"""Where things lie: under one home where that is asked for, and readable by the user alone where it matters."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from stopdesk import log, paths


def test_one_home_gathers_everything(home: Path) -> None:
    folders = [paths.config_dir(), paths.data_dir(), paths.cache_dir(), paths.log_dir()]
    assert folders == [home / kind for kind in ("config", "data", "cache", "log")]
    assert all(folder.is_dir() for folder in folders)


def test_without_it_they_are_the_platform_s(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("STOPDESK_HOME")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "etc"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    assert paths.config_dir() == tmp_path / "etc" / "stopdesk"
    assert paths.data_dir() == tmp_path / "share" / "stopdesk"


def test_resources_and_guide_are_there() -> None:
    assert (paths.resources() / "molecules").is_dir()
    assert paths.guide().read_text(encoding="utf-8").startswith("#")


def test_a_private_file_is_the_user_s_alone(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("secret")
    path.chmod(0o644)
    assert paths.private_file(path) == path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == "secret"
    assert stat.S_IMODE(paths.private_file(tmp_path / "new").stat().st_mode) == 0o600


def test_the_log_takes_tracebacks_and_is_private(home: Path) -> None:
    import logging

    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    path = log.start("trial")
    added = [handler for handler in root.handlers if handler not in before]
    try:
        try:
            raise ValueError("deep inside")
        except ValueError as error:
            logging.getLogger("stopdesk.trial").info("it broke", exc_info=error)
        text = path.read_text(encoding="utf-8")
        assert "ValueError: deep inside" in text
        assert path == home / "log" / "trial.log"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    finally:
        for handler in added:
            root.removeHandler(handler)
            handler.close()
        root.setLevel(level)
