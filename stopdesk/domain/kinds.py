"""The plain kinds of parameter that services describe: whole numbers, yes or no, text, and several values of a kind."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stopdesk.domain.parameter import Choice, Parameter, Value, read_number
from stopdesk.errors import InputError

#: How yes and no are read, whatever the service writes.
_YES = ("true", "yes", "on", "t", "y", "1")
_NO = ("false", "no", "off", "f", "n", "0")

#: More values than this in one field are a slip of the hand.
MAX_VALUES = 10_000


@dataclass(frozen=True, kw_only=True)
class Integer(Parameter):
    """A whole number."""

    unit: str = ""
    default: int | None = None
    minimum: int | None = None
    maximum: int | None = None

    @property
    def unit_text(self) -> str:
        """The unit on the wire."""
        return self.unit

    @property
    def default_value(self) -> Value | None:
        """The default."""
        return self.default

    def parse(self, text: str) -> Value:
        """Read a whole number; ``1e3`` and ``5.0`` are whole too."""
        cleaned = text.strip().replace("−", "-")
        if re.fullmatch(r"[+-]?[0-9]{1,18}", cleaned):
            return int(cleaned)
        number = read_number(cleaned)
        if not number.is_integer() or abs(number) >= 2**63:
            raise InputError(f"{cleaned} is not a whole number.")
        return int(number)

    def problem(self, value: Value) -> str | None:
        """A sentence when the number is out of range."""
        if isinstance(value, bool) or not isinstance(value, int):
            return "A whole number is needed here."
        too_low = self.minimum is not None and value < self.minimum
        too_high = self.maximum is not None and value > self.maximum
        return f"{value} is out of range: {self.range_text}." if too_low or too_high else None

    @property
    def range_text(self) -> str:
        """The permitted range in words, with the unit."""
        unit = f" {self.unit}" if self.unit else ""
        if self.minimum is not None and self.maximum is not None:
            return f"a whole number, {self.minimum} to {self.maximum}{unit}"
        if self.minimum is not None:
            return f"a whole number, at least {self.minimum}{unit}"
        if self.maximum is not None:
            return f"a whole number, at most {self.maximum}{unit}"
        return f"a whole number{f' in {self.unit}' if self.unit else ''}"


@dataclass(frozen=True, kw_only=True)
class Flag(Parameter):
    """Yes or no; ``words`` are what the wire says for them. Without a default it may be left to the service."""

    default: bool | None = None
    words: tuple[str, str] = ("true", "false")

    @property
    def default_value(self) -> Value | None:
        """The default."""
        return self.default

    def parse(self, text: str) -> Value:
        """Read yes or no in any of the usual words."""
        word = text.strip().lower()
        if word == self.words[0].lower() or (word in _YES and word != self.words[1].lower()):
            return True
        if word == self.words[1].lower() or word in _NO:
            return False
        raise InputError(f"{text.strip()!r} is neither yes nor no.")

    def format(self, value: Value) -> str:
        """The service's own word."""
        return self.words[0] if value else self.words[1]

    def problem(self, value: Value) -> str | None:
        """A sentence when the value is neither."""
        return None if isinstance(value, bool) else "Yes or no is needed here."

    @property
    def range_text(self) -> str:
        """Both words of the wire."""
        return " or ".join(self.words)


@dataclass(frozen=True, kw_only=True)
class Text(Parameter):
    """A line of text, as it is; ``max_length`` in characters."""

    unit: str = ""
    default: str | None = None
    max_length: int | None = None

    @property
    def unit_text(self) -> str:
        """The unit that the text is understood in."""
        return self.unit

    @property
    def default_value(self) -> Value | None:
        """The default."""
        return self.default

    def parse(self, text: str) -> Value:
        """Take the text, blanks at its ends left out."""
        return text.strip()

    def problem(self, value: Value) -> str | None:
        """A sentence when the text is too long, or no line of text."""
        if not isinstance(value, str):
            return "Text is needed here."
        if self.max_length is not None and len(value) > self.max_length:
            return f"This is too long: {len(value)} characters, where {self.max_length} are permitted."
        return None if value.isprintable() else "This has characters that cannot be sent."

    @property
    def range_text(self) -> str:
        """In words."""
        return "text" if self.max_length is None else f"text of at most {self.max_length} characters"


@dataclass(frozen=True, kw_only=True)
class Several(Parameter):
    """Several values of one kind, ``each``: at least ``least``, at most ``most``.

    With ``joined`` they are an array, all in one value and parted by blanks (DALI 1.1, section 3.3); otherwise the
    parameter is repeated, and its text on the wire has one line a value (see `ModelSpec.fields`).
    """

    each: Parameter
    joined: bool = False
    least: int = 0
    most: int | None = None
    default: tuple[float | int | bool | str, ...] | None = None

    @property
    def unit_text(self) -> str:
        """The unit of each value."""
        return self.each.unit_text

    @property
    def default_value(self) -> Value | None:
        """The default values."""
        return self.default

    @property
    def by_line(self) -> bool:
        """Whether values may hold blanks, so that each needs a line of its own."""
        if isinstance(self.each, Choice):
            return any(" " in option for option in self.each.options)
        return isinstance(self.each, Text) and not self.joined

    def parts(self, text: str) -> list[str]:
        """The texts of the values: a line each, or parted by blanks; a comma or semicolon before the blank is fine."""
        if self.by_line:
            return [line.strip() for line in text.splitlines() if line.strip()]
        return [part for part in (word.rstrip(",;") for word in text.split()) if part]

    def parse(self, text: str) -> Value:
        """Read the values; InputError names the first that cannot be read."""
        parts = self.parts(text)
        if len(parts) > MAX_VALUES:
            raise InputError(f"These are {len(parts):,} values; at most {MAX_VALUES:,} can be sent.")
        values: list[float | int | bool | str] = []
        for part in parts:
            value = self.each.parse(part)
            if not isinstance(value, (float, int, str)):
                raise InputError(f"{part!r} is not a single value.")
            values.append(value)
        return tuple(values)

    def format(self, value: Value) -> str:
        """The values as they go on the wire."""
        values = value if isinstance(value, tuple) else (value,)
        return (" " if self.joined else "\n").join(self.each.format(each) for each in values)

    def problem(self, value: Value) -> str | None:
        """A sentence about how many there are, or about the first value that is wrong."""
        if not isinstance(value, tuple):
            return "Several values are needed here."
        if len(value) < self.least or (self.most is not None and len(value) > self.most):
            return f"There {'is 1 value' if len(value) == 1 else f'are {len(value)} values'} here: {self._count}."
        return next((text for each in value if (text := self.each.problem(each))), None)

    @property
    def _count(self) -> str:
        if self.most is not None and self.least == self.most:
            return f"{self.most} values are needed"
        most = f"at most {self.most} are permitted" if self.most is not None else ""
        least = f"at least {self.least} {'is' if self.least == 1 else 'are'} needed" if self.least else ""
        return ", ".join(part for part in (least, most) if part)

    @property
    def range_text(self) -> str:
        """How many, how they are written, and what each may be."""
        how = "one a line" if self.by_line else "parted by blanks"
        count = f", {self._count}" if self._count else ""
        return f"several values, {how}{count}; each: {self.each.range_text}"
