"""The services that the program knows of: those that come with it, and the user's own in their place or beside them."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from stopdesk import paths
from stopdesk.domain.settings import LogIn, Service, ServiceKind, Settings
from stopdesk.net.credentials import Origin


@cache
def shipped() -> tuple[Service, ...]:
    """The services of the list that comes with the program."""
    with (paths.resources() / "services.toml").open("rb") as file:
        return tuple(Service.model_validate(entry) for entry in tomllib.load(file)["service"])


def as_shipped(url: str) -> Service | None:
    """The service of that address as it came with the program; None where it did not."""
    return next((service for service in shipped() if service.url == url), None)


def services(settings: Settings) -> tuple[Service, ...]:
    """The user's services, and those that came with the program and the user has not changed."""
    own = {service.url for service in settings.services}
    return (*settings.services, *(service for service in shipped() if service.url not in own))


def job_services(settings: Settings) -> tuple[Service, ...]:
    """Those of the services that are UWS job lists."""
    return tuple(service for service in services(settings) if service.kind is ServiceKind.UWS)


def portals(settings: Settings) -> tuple[Service, ...]:
    """Those of the services that can be searched for observations."""
    return tuple(service for service in services(settings) if service.kind.is_portal)


def resolvers(settings: Settings) -> tuple[str, ...]:
    """The addresses to ask for names, in turn: of every resolver in use, with its mirrors."""
    used = (each for each in services(settings) if each.kind is ServiceKind.RESOLVER and each.enabled)
    return tuple(dict.fromkeys(address for service in used for address in service.addresses))


def with_services(settings: Settings, known: Sequence[Service]) -> Settings:
    """The settings such that ``services`` gives these; what is as it came with the program is not kept twice.

    A service without a name is named after its host. ValueError when one of them cannot be.
    """
    checked = (Service.model_validate(service.model_dump()) for service in known)
    named = (each if each.name else each.model_copy(update={"name": urlsplit(each.url).netloc}) for each in checked)
    own = tuple(service for service in named if service != as_shipped(service.url))
    return settings.model_copy(update={"services": own})


def logged_in_to(settings: Settings) -> dict[Origin, Service]:
    """The servers that are marked as ones to log in to, each with the first service there that says how."""
    marked = (service for service in services(settings) if service.log_in is not LogIn.NONE)
    return {Origin.of(service.url): service for service in reversed(tuple(marked))}


def authorities(settings: Settings) -> dict[Origin, Path]:
    """The certificate files that the user trusts, by the server that each is for."""
    return {Origin.of(each.url): Path(each.ca_file).expanduser() for each in services(settings) if each.ca_file}
