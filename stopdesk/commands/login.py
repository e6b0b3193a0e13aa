"""Who the user of the command line is at a service: the keyring, the variable STOPDESK_PASSWORD, or a prompt."""

from __future__ import annotations

import getpass
import os
import sys

from stopdesk.errors import InputError
from stopdesk.net.credentials import Credential, Credentials, Origin
from stopdesk.net.http import Http
from stopdesk.uws.client import UwsClient


def client_for(url: str, user: str | None) -> UwsClient:
    """A client that logs in as ``user`` at the origin of ``url``, and nowhere else."""
    return UwsClient(http_for(url, user))


def http_for(url: str, user: str | None) -> Http:
    """What speaks HTTP, as ``user`` at the origin of ``url``, and as nobody elsewhere."""
    credentials = Credentials()
    if user is not None:
        origin = Origin.of(url)
        known = credentials.get(origin)
        if known is None or known.user != user:
            credentials.put(origin, Credential.basic(user, _password(user, str(origin))), keep=False)
    return Http(credentials)


def _password(user: str, where: str) -> str:
    password = os.environ.get("STOPDESK_PASSWORD")
    if password is not None:
        return password
    if not sys.stdin.isatty():
        raise InputError(f"No password for {user} at {where}: set STOPDESK_PASSWORD, or run this in a terminal.")
    return getpass.getpass(f"Password of {user} at {where}: ")
