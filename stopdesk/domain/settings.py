"""The user's settings: each is declared once, with the words for the preferences and the rule for its values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator

from stopdesk.domain.job import Record

#: So many files stand in the menu.
MAX_RECENT = 10


@dataclass(frozen=True, kw_only=True)
class FlagSetting:
    """A setting that is on or off."""

    name: str
    label: str
    help: str
    group: str
    default: bool

    def problem(self, value: object) -> str | None:
        """A sentence when the value is none for this setting."""
        return None if isinstance(value, bool) else f"{self.label}: {value!r} is neither true nor false."


@dataclass(frozen=True, kw_only=True)
class ChoiceSetting:
    """A setting that is one of a few words; ``labels`` are what the preferences show for them."""

    name: str
    label: str
    help: str
    group: str
    default: str
    options: tuple[str, ...]
    labels: tuple[str, ...]

    def problem(self, value: object) -> str | None:
        """A sentence when the value is none for this setting."""
        return None if value in self.options else f"{self.label}: {value!r} is not one of {', '.join(self.options)}."


@dataclass(frozen=True, kw_only=True)
class NumberSetting:
    """A setting that is a whole number in a range; ``zero`` is what zero means, in words."""

    name: str
    label: str
    help: str
    group: str
    default: int
    minimum: int
    maximum: int
    zero: str = ""

    def problem(self, value: object) -> str | None:
        """A sentence when the value is none for this setting."""
        if isinstance(value, int) and not isinstance(value, bool) and self.minimum <= value <= self.maximum:
            return None
        return f"{self.label}: {value!r} is not a whole number from {self.minimum} to {self.maximum}."


Setting = FlagSetting | ChoiceSetting | NumberSetting

COLOUR_SCHEME = ChoiceSetting(
    name="colour_scheme",
    label="Colours",
    help="Light or dark, or whichever the desktop has.",
    group="Window",
    default="system",
    options=("system", "light", "dark"),
    labels=("as the system", "light", "dark"),
)
CONFIRM_DELETE = FlagSetting(
    name="confirm_delete",
    label="Ask before deleting jobs",
    help="A deleted job and its results are gone from the server too.",
    group="Jobs",
    default=True,
)
OPEN_RESULTS = FlagSetting(
    name="open_results",
    label="Open results by themselves",
    help="When a job that was started from this window completes, show its results in Runs.",
    group="Jobs",
    default=True,
)
LOCAL_WORKERS = NumberSetting(
    name="local_workers",
    label="Processes of the local service",
    help="So many models are computed at the same time on this computer.",
    group="Local service",
    default=0,
    minimum=0,
    maximum=256,
    zero="one per core",
)
SAMP_CONNECT = FlagSetting(
    name="samp_connect",
    label="Connect to other programs (SAMP) at the start",
    help="TOPCAT, Aladin and others on this computer can then be sent tables, spectra and positions, and send some.",
    group="Other programs",
    default=True,
)
SAMP_START_HUB = FlagSetting(
    name="samp_start_hub",
    label="Start a SAMP hub where there is none",
    help="A hub carries what programs tell each other. Ours listens on this computer only and ends with the window.",
    group="Other programs",
    default=True,
)

#: All settings with a value each, in the order of the preferences.
SETTINGS: tuple[Setting, ...] = (
    COLOUR_SCHEME,
    CONFIRM_DELETE,
    OPEN_RESULTS,
    LOCAL_WORKERS,
    SAMP_CONNECT,
    SAMP_START_HUB,
)


class LogIn(StrEnum):
    """How a service wants to be told who one is; the secret itself is never a setting."""

    NONE = "none"
    BASIC = "basic"  # user name and password
    BEARER = "bearer"  # token


def url_problem(url: str) -> str | None:
    """A sentence when this cannot be the address of a service's job list."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return f"{url!r} is no web address."
    if parts.scheme not in ("http", "https") or not host or url.split() != [url]:
        return f"{url!r} is no web address: it should read like https://example.org/uws/jobs."
    if "@" in parts.netloc:
        return "Leave the user name and password out of the address: stopdesk asks for them and keeps them safely."
    return None


class ServiceKind(StrEnum):
    """What a service is."""

    UWS = "uws"  # a job list
    SCS = "scs"  # a catalogue around a position
    SSA = "ssa"  # spectra
    SIA1 = "sia1"  # images
    SIA2 = "sia2"  # images and cubes, with ObsCore's columns
    OBSTAP = "obstap"  # observations: ObsCore over TAP
    OBSPORTAL = "obsportal"  # JMMC's ObsPortal
    TAP = "tap"  # any tables, for queries written by hand
    RESOLVER = "resolver"  # names to positions: Sesame
    REGISTRY = "registry"  # services by subject: RegTAP

    @property
    def is_portal(self) -> bool:
        """Whether one can search it for observations around a position."""
        return self in PORTALS


#: The kinds that can be searched around a position.
PORTALS = frozenset(
    (
        ServiceKind.SCS,
        ServiceKind.SSA,
        ServiceKind.SIA1,
        ServiceKind.SIA2,
        ServiceKind.OBSTAP,
        ServiceKind.OBSPORTAL,
        ServiceKind.TAP,
    )
)

#: The table of observations where a service names no other (ObsCore 1.1, section 4).
OBSCORE_TABLE = "ivoa.obscore"


class Service(Record):
    """A service: its name and address (of the job list, for UWS), how to log in as whom, and how it is used.

    ``at_once`` is the number of jobs that may be under way there at the same time, 0 for as many as the user sends;
    ``paused`` sends none. ``ca_file`` is a certificate authority that is trusted for this address. ``enabled`` offers
    it beside the Run button, ticks it among the portals, or has names resolved by it; ``note`` is for people.
    ``mirrors`` are asked in turn when the address does not answer. ``table`` is the table of observations of a TAP
    service that does not call it ``ivoa.obscore``. ``ivoid`` is what the registry of the virtual observatory calls it.
    """

    name: str
    url: str
    kind: ServiceKind = ServiceKind.UWS
    log_in: LogIn = LogIn.NONE
    user: str = ""
    at_once: int = Field(default=0, ge=0, le=10_000)
    paused: bool = False
    ca_file: str = ""
    enabled: bool = True
    note: str = ""
    mirrors: tuple[str, ...] = ()
    table: str = ""
    ivoid: str = ""

    @field_validator("mirrors")
    @classmethod
    def _are_addresses(cls, mirrors: tuple[str, ...]) -> tuple[str, ...]:
        for mirror in mirrors:
            cls._is_address(mirror)
        return mirrors

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where to ask, in turn."""
        return (self.url, *self.mirrors)

    @field_validator("url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        if text := url_problem(url):
            raise ValueError(text)
        return url

    def job_lists(self, models: Iterable[str]) -> tuple[str, ...]:
        """The addresses of its job lists: one a model where ``{model}`` stands in the address, else the one."""
        return tuple(dict.fromkeys(self.url.replace("{model}", model) for model in models)) or (self.url,)


def services_problem(services: Sequence[Service]) -> tuple[int, str] | None:
    """The first service (its number) that cannot be kept beside those before it, and why; they may be unchecked."""
    seen: dict[str, str] = {}
    for number, service in enumerate(services):
        what = "The address of its job list" if service.kind is ServiceKind.UWS else "Its address"
        text = url_problem(service.url) if service.url else f"{what} is missing."
        if service.url in seen:
            text = f"{seen[service.url] or 'Another service'} has this address already: {service.url}"
        if text:
            return number, f"{service.name}: {text}" if service.name else text
        seen[service.url] = service.name
    return None


class Settings(Record):
    """All settings, the user's services, the files opened last (newest first) and how the window was laid out."""

    colour_scheme: str = COLOUR_SCHEME.default
    confirm_delete: bool = CONFIRM_DELETE.default
    open_results: bool = OPEN_RESULTS.default
    local_workers: int = LOCAL_WORKERS.default
    samp_connect: bool = SAMP_CONNECT.default
    samp_start_hub: bool = SAMP_START_HUB.default
    services: tuple[Service, ...] = ()
    recent_files: tuple[str, ...] = ()
    layout: dict[str, str] = {}

    @field_validator(*(setting.name for setting in SETTINGS), mode="before")
    @classmethod
    def _is_permitted(cls, value: Any, info: ValidationInfo) -> Any:
        text = next(setting for setting in SETTINGS if setting.name == info.field_name).problem(value)
        if text:
            raise ValueError(text)
        return value

    def with_value(self, name: str, value: bool | int | str) -> Self:
        """The settings with another value for one of SETTINGS; pydantic's ValidationError (a ValueError) if wrong."""
        return type(self).model_validate({**self.model_dump(), name: value})

    def with_service(self, service: Service) -> Self:
        """The settings with this service added, or in the place of the one with its URL."""
        kept = tuple(service if old.url == service.url else old for old in self.services)
        return self.model_copy(update={"services": kept if service in kept else (*kept, service)})

    def without_service(self, url: str) -> Self:
        """The settings without the service of that URL."""
        return self.model_copy(update={"services": tuple(old for old in self.services if old.url != url)})

    def with_recent(self, path: PurePath) -> Self:
        """The settings with this file as the one opened last."""
        name = str(path)
        if not _is_text(name):  # a name that is no text in the file system's encoding cannot be kept as text
            return self
        others = (old for old in self.recent_files if old != name)
        return self.model_copy(update={"recent_files": (name, *others)[:MAX_RECENT]})

    def without_recent(self, path: PurePath) -> Self:
        """The settings without this file in the list."""
        return self.model_copy(update={"recent_files": tuple(old for old in self.recent_files if old != str(path))})


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
