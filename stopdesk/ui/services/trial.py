"""A test of a service as the dialog shows it: logged in as it says there, whether that has been kept or not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QWidget

from stopdesk.domain.settings import LogIn, Service, ServiceKind
from stopdesk.errors import InputError, NetworkError, NotAllowed
from stopdesk.net.answer import host_of
from stopdesk.net.credentials import Credential, Credentials, Kind, Origin
from stopdesk.net.http import Http
from stopdesk.ui.login import Login, LoginDialog
from stopdesk.uws.probe import probe
from stopdesk.vo.probe import try_out as try_portal


def try_out(credentials: Credentials, service: Service, lists: Sequence[str]) -> str:
    """What the service can do, in lines (blocks); certificates are checked as this service says, kept or not."""
    http = Http(credentials)
    if service.ca_file:
        http.trust({Origin.of(service.url): Path(service.ca_file).expanduser()})
    try:
        if service.kind is not ServiceKind.UWS:
            return "\n".join(try_portal(http, service))
        if len(lists) == 1:
            return "\n".join(probe(http, lists[0]).lines)
        said = []
        for url in lists:
            try:
                lines: Sequence[str] = probe(http, url).lines
            except NotAllowed:
                raise
            except NetworkError as error:
                lines = (str(error),)
            said.append("\n".join((f"{url}:", *lines)))
        return "\n\n".join(said)
    finally:
        http.close()


class TrialLogIns:
    """What the user typed for tests of log-ins that are not kept yet; each is for its service as it stood then."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._given: dict[tuple[str, LogIn, str], tuple[Credential, bool]] = {}
        self._worked: dict[tuple[str, LogIn, str], tuple[Credential, bool]] = {}

    def credentials(self, service: Service) -> Credentials:
        """Credentials for this service alone (blocks): what was typed, else what is known where it is the same log-in.

        NotAllowed where there is none and the service is to be told who we are.
        """
        origin = Origin.of(service.url)
        typed = self._given.get(_key(service))
        known = typed[0] if typed is not None else self._credentials.get(origin)
        if typed is None and known is not None and not _fits(known, service):
            known = None
        if known is None and service.log_in is not LogIn.NONE:
            text = f"Nothing was sent to {host_of(service.url)}: log in there first."
            raise NotAllowed(text, url=service.url, login=True)
        own = Credentials(use_keyring=False)
        if known is not None:
            own.put(origin, known, keep=False)
        return own

    def ask(self, service: Service, parent: QWidget, again: Callable[[], None]) -> None:
        """Ask who the user is there, and go on with ``again``; what was typed before did not do."""
        self._given.pop(_key(service), None)
        kind = service.log_in.value if service.log_in is not LogIn.NONE else LogIn.BASIC.value
        dialog = LoginDialog(str(Origin.of(service.url)), kind=kind, user=service.user, parent=parent)

        def typed() -> None:
            try:
                self._given[_key(service)] = _credential(dialog.login), dialog.login.keep
            except InputError:  # characters that cannot be sent: the test asks once more
                pass
            again()

        dialog.accepted.connect(typed)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def worked(self, service: Service) -> None:
        """The service let us in."""
        if _key(service) in self._given:
            self._worked[_key(service)] = self._given[_key(service)]

    def to_keep(self, services: Sequence[Service]) -> list[tuple[str, Credential, bool]]:
        """Address, credential and whether the keyring is wanted, of those that worked for services as they are now."""
        return [(service.url, *self._worked[_key(service)]) for service in services if _key(service) in self._worked]


def _key(service: Service) -> tuple[str, LogIn, str]:
    return service.url, service.log_in, service.user


def _credential(login: Login) -> Credential:
    return Credential(Kind(login.kind), login.user, login.secret)


def _fits(known: Credential, service: Service) -> bool:
    """Whether a credential is of the kind and for the user that the service is set to."""
    if service.log_in is LogIn.NONE:
        return True
    is_user = service.log_in is LogIn.BEARER or service.user in ("", known.user)
    return known.kind.value == service.log_in.value and is_user
