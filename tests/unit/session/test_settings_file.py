"""Settings come back as they were; what is damaged is set aside and told, what is newer is let alone."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import ValidationError

from stopdesk.domain.settings import (
    MAX_RECENT,
    SETTINGS,
    ChoiceSetting,
    LogIn,
    Service,
    Settings,
    url_problem,
)
from stopdesk.errors import FileError
from stopdesk.session.settings import SettingsFile

SERVICE = Service(name="Our cluster", url="https://example.org:8080/uws/jobs", log_in=LogIn.BASIC, user="ada")
SOME = Settings(
    colour_scheme="dark", confirm_delete=False, local_workers=3, services=(SERVICE,), recent_files=("/a b/ρ.stop",)
)

any_settings = st.builds(
    Settings,
    colour_scheme=st.sampled_from(["system", "light", "dark"]),
    confirm_delete=st.booleans(),
    open_results=st.booleans(),
    local_workers=st.integers(0, 256),
    services=st.lists(
        st.builds(
            Service,
            name=st.text(),
            url=st.sampled_from(["http://localhost:80/a", "https://x.org/jobs?a=b@c"]),
            log_in=st.sampled_from(LogIn),
            user=st.text(),
        )
    ).map(tuple),
    recent_files=st.lists(st.text()).map(tuple),
    layout=st.dictionaries(st.text(), st.text()),
)


@pytest.fixture
def file(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path / "config" / "settings.json")


def write(file: SettingsFile, content: str | bytes) -> None:
    file.path.parent.mkdir()
    file.path.write_bytes(content if isinstance(content, bytes) else content.encode())


@hypothesis_settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(settings=any_settings)
def test_any_settings_come_back(file: SettingsFile, settings: Settings) -> None:
    assert file.save(settings)
    assert file.load() == settings
    assert file.notice == ""


def test_without_a_file_there_are_defaults_and_nothing_is_said(file: SettingsFile) -> None:
    assert file.load() == Settings()
    assert file.notice == ""
    assert not file.path.exists()


def test_the_file_lies_with_the_users_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOPDESK_HOME", str(tmp_path))
    SettingsFile().save(SOME)
    document = json.loads((tmp_path / "config" / "settings.json").read_text())
    assert document["version"] == 1
    assert document["services"][0]["log_in"] == "basic"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe", b"{}", b'{"version": "1"}', b'{"version": 0}', b"null"]
)
def test_a_damaged_file_is_set_aside_and_told(file: SettingsFile, content: bytes) -> None:
    write(file, content)
    assert file.load() == Settings()
    aside = file.path.with_name("settings-damaged.json")
    assert str(aside) in file.notice
    assert aside.read_bytes() == content
    assert not file.path.exists()
    assert file.save(SOME)
    assert file.load() == SOME
    assert file.notice == ""


def test_one_wrong_value_costs_that_value_only(file: SettingsFile) -> None:
    document = {"version": 1, **SOME.model_dump(mode="json"), "colour_scheme": "pink", "local_workers": True}
    write(file, json.dumps(document))
    assert file.load() == SOME.model_copy(update={"colour_scheme": "system", "local_workers": 0})
    assert "Colours: 'pink' is not one of system, light, dark." in file.notice
    assert "Processes of the local service: True is not a whole number from 0 to 256." in file.notice
    assert json.loads(file.path.with_name("settings-damaged.json").read_text()) == document
    assert file.load().services == (SERVICE,)
    assert file.notice == ""


def test_what_is_not_known_is_passed_over(file: SettingsFile) -> None:
    write(file, json.dumps({"version": 1, "colour_scheme": "light", "font": "Comic"}))
    assert file.load() == Settings(colour_scheme="light")
    assert file.notice == ""


def test_a_newer_file_is_left_as_it_is(file: SettingsFile) -> None:
    content = json.dumps({"version": 2, "colour_scheme": ["new", "ways"]})
    write(file, content)
    assert file.load() == Settings()
    assert "newer stopdesk (format 2); this one reads up to 1" in file.notice
    assert not file.save(SOME)
    assert file.path.read_text() == content
    assert list(file.path.parent.iterdir()) == [file.path]


def test_saving_where_it_cannot_be_is_told_and_keeps_the_old_file(file: SettingsFile, tmp_path: Path) -> None:
    (tmp_path / "in the way").write_text("")
    with pytest.raises(FileError, match="cannot be written"):
        SettingsFile(tmp_path / "in the way" / "settings.json").save(SOME)
    file.path.mkdir(parents=True)
    with pytest.raises(FileError, match="it is a folder"):
        file.save(SOME)
    assert file.load() == Settings()
    assert "cannot be read" in file.notice


def test_saving_leaves_one_whole_file(file: SettingsFile) -> None:
    file.save(SOME)
    file.path.chmod(0o600)
    file.save(Settings())
    assert list(file.path.parent.iterdir()) == [file.path]
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_every_declaration_has_its_value_and_words() -> None:
    fields = Settings.model_fields
    assert [setting.name for setting in SETTINGS] == [
        name for name in fields if name not in ("services", "recent_files", "layout")
    ]
    for setting in SETTINGS:
        assert getattr(Settings(), setting.name) == setting.default
        assert setting.problem(setting.default) is None
        assert setting.label
        assert setting.help.endswith(".")
        if isinstance(setting, ChoiceSetting):
            assert len(setting.labels) == len(setting.options)


@pytest.mark.parametrize(
    ("name", "value"),
    [("colour_scheme", "blue"), ("colour_scheme", 1), ("confirm_delete", "yes"), ("open_results", 1)]
    + [("local_workers", value) for value in (-1, 257, True, "3", 2.5)],
)
def test_a_wrong_value_is_refused_in_words(name: str, value: object) -> None:
    setting = next(setting for setting in SETTINGS if setting.name == name)
    text = setting.problem(value)
    assert text is not None
    assert text.startswith(setting.label)
    with pytest.raises(ValidationError, match=name):
        Settings().with_value(name, value)  # type: ignore[arg-type]
    assert Settings().with_value("local_workers", 4).local_workers == 4


@pytest.mark.parametrize(
    "url",
    [
        *["", "example.org/jobs", "ftp://example.org/", "http://", "http://[::1/", "http://x.org:port/", "http://a b/"],
        *["https://ada:secret@example.org/jobs", "https://ada@example.org/jobs", " http://x.org/"],
    ],
)
def test_a_service_needs_an_address_without_a_password(url: str) -> None:
    assert url_problem(url) is not None
    with pytest.raises(ValidationError):
        Service(name="x", url=url)


def test_services_are_one_per_address() -> None:
    renamed = SERVICE.model_copy(update={"name": "Cluster"})
    other = Service(name="Other", url="http://localhost:9000/jobs")
    settings = Settings().with_service(SERVICE).with_service(other).with_service(renamed)
    assert settings.services == (renamed, other)
    assert settings.without_service(SERVICE.url).services == (other,)


def test_the_files_opened_last_come_first_each_once_and_ten_at_most() -> None:
    settings = Settings()
    for number in [*range(MAX_RECENT + 5), 12]:
        settings = settings.with_recent(Path(f"/data/{number}.stop"))
    assert len(settings.recent_files) == MAX_RECENT == 10
    assert settings.recent_files[:3] == ("/data/12.stop", "/data/14.stop", "/data/13.stop")
    assert "/data/14.stop" not in settings.without_recent(Path("/data/14.stop")).recent_files
    assert settings.with_recent(Path(os.fsdecode(b"/data/caf\xe9.stop"))) == settings
