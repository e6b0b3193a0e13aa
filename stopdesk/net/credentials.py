"""Who we are to which server: credentials by origin, kept for this start and, where there is one, in a keyring."""

from __future__ import annotations

import base64
import importlib
import json
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from stopdesk import paths
from stopdesk.errors import InputError

#: The name under which our entries stand in the keyring.
KEYRING_SERVICE = "stopdesk"

#: Backends of the module keyring speak D-Bus, files and foreign programs and raise what those raise; a secret that
#: cannot be kept is asked for again at the next start, so none of it is worth stopping for.
_KEYRING_TROUBLE = (ImportError, OSError, RuntimeError, ValueError, TypeError, AttributeError, LookupError)

_DEFAULT_PORTS = {"http": 80, "https": 443}


class Kind(StrEnum):
    """The ways to say who we are."""

    NONE = "none"
    BASIC = "basic"
    BEARER = "bearer"


@dataclass(frozen=True)
class Credential:
    """A way to say who we are; the secret is never shown."""

    kind: Kind
    user: str = ""
    secret: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if any(ord(char) < 32 or ord(char) == 127 for char in self.user + self.secret):
            raise InputError("A user name, password or token has no line breaks or other control characters in it.")
        if self.kind is Kind.BASIC and ":" in self.user:
            raise InputError(f"The user name {self.user!r} has a colon in it, which HTTP does not allow.")

    @classmethod
    def none(cls) -> Credential:
        """Nobody: the user wants to stay anonymous."""
        return cls(Kind.NONE)

    @classmethod
    def basic(cls, user: str, password: str) -> Credential:
        """User name and password."""
        return cls(Kind.BASIC, user, password)

    @classmethod
    def bearer(cls, token: str) -> Credential:
        """A token."""
        return cls(Kind.BEARER, secret=token.strip())

    @property
    def header(self) -> str | None:
        """The value of the header Authorization; None for nobody."""
        if self.kind is Kind.BASIC:
            return "Basic " + base64.b64encode(f"{self.user}:{self.secret}".encode()).decode("ascii")
        return f"Bearer {self.secret}" if self.kind is Kind.BEARER else None


@dataclass(frozen=True)
class Origin:
    """Scheme, host and port: what a credential belongs to."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Origin:
        """The origin of an http or https URL; anything else is an InputError."""
        try:
            parts = urlsplit(url.strip())
            port = parts.port
        except ValueError as error:
            raise InputError(f"{url!r} is not the address of a server: {error}.") from error
        scheme = parts.scheme.lower()
        if scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise InputError(f"{url!r} is not an address that starts with http:// or https://.")
        return cls(scheme, parts.hostname.lower().rstrip("."), port if port is not None else _DEFAULT_PORTS[scheme])

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine."""
        return self.host in ("localhost", "::1") or self.host.startswith("127.")

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


class Keyring(Protocol):
    """The part of the module keyring that is used."""

    def get_password(self, service_name: str, username: str) -> str | None:
        """The secret, or None."""

    def set_password(self, service_name: str, username: str, password: str) -> None:
        """Keep a secret."""

    def delete_password(self, service_name: str, username: str) -> None:
        """Forget a secret."""


class Credentials:
    """The credentials of this start, by origin; may be used from any thread."""

    def __init__(self, *, keyring: Keyring | None = None, use_keyring: bool = True) -> None:
        """``keyring`` stands in for the module of that name, which is otherwise looked for when first needed."""
        self._keyring: Any = keyring
        self._use_keyring = use_keyring
        self._known: dict[Origin, Credential] = {}
        self._asked: set[Origin] = set()
        self._wanted: frozenset[Origin] = frozenset()
        self._lock = threading.Lock()

    def want(self, origins: Iterable[Origin]) -> None:
        """From now on speak to these servers, and only these, not before there is a credential for them."""
        self._wanted = frozenset(origins)

    def is_wanted(self, origin: Origin) -> bool:
        """Whether the user wants to be known at this server from the first request on."""
        return origin in self._wanted

    def get(self, origin: Origin) -> Credential | None:
        """The credential for an origin: the token of a local service, what was put, what the keyring has; else None."""
        with self._lock:
            local = _local_token(origin)
            if local is not None:
                return local
            if origin not in self._known and origin not in self._asked:
                self._asked.add(origin)
                kept = _read(self._ring("get_password", str(origin)))
                if kept is not None:
                    self._known[origin] = kept
            return self._known.get(origin)

    def put(self, origin: Origin, credential: Credential, *, keep: bool) -> bool:
        """Remember for this start and, with ``keep``, in the keyring; gives whether the keyring has it."""
        with self._lock:
            self._known[origin] = credential
            if not keep:
                return False
            entry = json.dumps({"kind": credential.kind.value, "user": credential.user, "secret": credential.secret})
            self._ring("set_password", str(origin), entry)
            return bool(self._ring("get_password", str(origin)) == entry)

    def forget(self, origin: Origin) -> None:
        """Forget here and in the keyring."""
        with self._lock:
            self._known.pop(origin, None)
            self._asked.add(origin)
            self._ring("delete_password", str(origin))

    def _ring(self, action: str, *args: str) -> Any:
        """Ask the keyring; None where there is none, or where it fails."""
        if not self._use_keyring:
            return None
        trouble: tuple[type[Exception], ...] = _KEYRING_TROUBLE
        try:
            if self._keyring is None:
                self._keyring = importlib.import_module("keyring")
            if hasattr(self._keyring, "errors"):
                trouble = (*trouble, self._keyring.errors.KeyringError)
            return getattr(self._keyring, action)(KEYRING_SERVICE, *args)
        except trouble:
            return None


def _read(entry: object) -> Credential | None:
    """The credential in an entry of the keyring; None when it is not one of ours."""
    try:
        values = json.loads(entry) if isinstance(entry, str) else None
        return Credential(Kind(values["kind"]), values["user"], values["secret"]) if values else None
    except (ValueError, KeyError, TypeError, InputError):
        return None


def service_file(port: int) -> Path:
    """Where a local service on a port writes its url, token and process id (mode 0600)."""
    return paths.data_dir() / "services" / f"{port}.json"


def _local_token(origin: Origin) -> Credential | None:
    """The token of our local service at http://127.0.0.1:PORT, from the file that the service wrote."""
    if origin.scheme != "http" or origin.host != "127.0.0.1":
        return None
    path = service_file(origin.port)
    try:
        if path.stat().st_uid != os.getuid():
            return None
        values = json.loads(path.read_text(encoding="utf-8"))
        return Credential.bearer(values["token"]) if Origin.of(values["url"]) == origin else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, InputError):
        return None
