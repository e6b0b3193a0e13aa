"""The services that the program knows of: those that come with it, and the user's own in their place or beside them."""

from __future__ import annotations

import tomllib
from functools import cache

from stopdesk import paths
from stopdesk.domain.settings import Service, Settings


@cache
def shipped() -> tuple[Service, ...]:
    """The services of the list that comes with the program."""
    with (paths.resources() / "services.toml").open("rb") as file:
        return tuple(Service.model_validate(entry) for entry in tomllib.load(file)["service"])


def services(settings: Settings) -> tuple[Service, ...]:
    """The user's services, and those that came with the program and the user has not changed."""
    own = {service.url for service in settings.services}
    return (*settings.services, *(service for service in shipped() if service.url not in own))
