"""Reads the body of a POST: form fields and uploaded parts, with bounds on all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from stopdesk.formats.lamda import MAX_BYTES

#: The largest body of a request that creates a job: a file of the largest size and some parameters.
MAX_CREATION = MAX_BYTES + 1_000_000
#: The largest body of any other request.
MAX_CONTROL = 64_000

_MAX_FIELDS = 200
_MAX_PARTS = 8
#: So many bytes of a file's name are kept; file systems take 255.
_MAX_NAME = 200
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True)
class Part:
    """An uploaded file: its name without folder and its bytes."""

    file_name: str
    data: bytes


@dataclass(frozen=True)
class Form:
    """The fields of a request in their order, query first, and its uploaded parts by name."""

    fields: tuple[tuple[str, str], ...]
    parts: Mapping[str, Part]

    def control(self, name: str) -> str | None:
        """The value of a control parameter (in whatever case, the last of several); None when it is absent."""
        values = [value for field, value in self.fields if field.upper() == name]
        return values[-1] if values else None


async def read_form(request: Request, limit: int) -> Form:
    """The form of a POST whose body has at most ``limit`` bytes; HTTPException 400, 413 or 415 says what is wrong."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type and content_type not in _FORM_TYPES:
        raise HTTPException(415, f"Send a form ({' or '.join(_FORM_TYPES)}), not {content_type}.")
    fields = list(request.query_params.multi_items())
    parts: dict[str, Part] = {}
    bounded = _bounded(request, limit)
    if not content_type:
        await bounded.body()  # a POST without a form has nothing to say
        return Form(tuple(fields), parts)
    async with bounded.form(max_files=_MAX_PARTS, max_fields=_MAX_FIELDS) as form:
        for name, value in form.multi_items():
            if not isinstance(value, UploadFile):
                fields.append((name, value))
            elif name in parts:
                raise HTTPException(400, f"There are two files named {name!r}; send one.")
            elif value.filename or value.size:  # a browser sends an empty part for a file that was not chosen
                parts[name] = Part(_bare_name(value.filename or name), await value.read())
    return Form(tuple(fields), parts)


def _bounded(request: Request, limit: int) -> Request:
    """The request with a body that ends in 413 when it grows beyond ``limit``."""
    too_large = HTTPException(413, f"The request is too large; at most {limit:,} bytes are taken.")
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > limit:
        raise too_large
    received = 0

    async def receive() -> Message:
        nonlocal received
        message = await request.receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise too_large
        return message

    return Request(request.scope, receive)


def _bare_name(file_name: str) -> str:
    """A file's name without its folder and fit to be one; its end, with the suffix, where it is too long."""
    last = file_name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(sign for sign in last if sign.isprintable()).strip()
    name = plain.encode()[-_MAX_NAME:].decode(errors="ignore")
    return name if name.strip(".") else "file"
