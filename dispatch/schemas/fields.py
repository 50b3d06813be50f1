"""What may a value on the wire be, and what is said when it is not?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import marshmallow as ma
from marshmallow import ValidationError, fields

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

"""The largest whole number that every reader of JSON keeps."""

REQUIRED = [say("This field is missing.")]
IS_NULL = [say("This field may not be null.")]
NOT_TEXT = [say("This must be text.")]
NOT_AN_OBJECT = [say("This must be a JSON object.")]
UNKNOWN = [say("There is no such field. Check its spelling.")]
NOT_A_CHOICE = say("This is none of the known values: %(choices)s.")
# PostgreSQL takes no NUL, and no encoding takes half a surrogate pair.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def _fault(sentence: Sentence) -> ValidationError:
    # A list passes through marshmallow as it is, so the sentence is worded at the edge.
    return ValidationError([sentence])


class _Spoken:
    """The messages that every field has in common."""

    default_error_messages: dict[str, Any] = {  # noqa: RUF012  marshmallow reads it from the class
        "required": REQUIRED,
        "null": IS_NULL,
        "validator_failed": [say("This value is wrong.")],
    }


class Words(_Spoken, fields.String):
    """Text of limited length that both databases can store; outer blanks are dropped."""

    default_error_messages = {"invalid": NOT_TEXT, "invalid_utf8": NOT_TEXT}  # noqa: RUF012

    def __init__(self, longest: int, *, shortest: int = 0, **kwargs: Any) -> None:
        """Set the length in characters."""
        limits = {"maxLength": longest} | ({"minLength": shortest} if shortest else {})
        super().__init__(metadata=limits | kwargs.pop("metadata", {}), **kwargs)
        self.longest, self.shortest = longest, shortest

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs).strip()
        if _UNSTORABLE.search(text):
            raise _fault(say("This text holds a character that cannot be stored. Remove it."))
        if len(text) > self.longest:
            raise _fault(say("This may have at most %(longest)s characters.", longest=self.longest))
        if len(text) < self.shortest:
            raise _fault(say("This may not be empty."))
        return text


class Phone(Words):
    """A telephone number as people write it; a part of one where less than five digits will do."""

    _SHAPE = re.compile(r"\+?[0-9][0-9 ()./\-]{1,30}")

    def __init__(self, *, least_digits: int = 1, **kwargs: Any) -> None:
        """Set the fewest digits; the length in characters is fixed."""
        super().__init__(32, **kwargs)
        self._least_digits = least_digits

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        enough = sum(map(str.isdigit, text)) >= self._least_digits
        if text and not (enough and self._SHAPE.fullmatch(text)):
            raise _fault(
                say("This is not a telephone number. Give digits, for example 13812345678.")
            )
        return text


class Whole(_Spoken, fields.Integer):
    """A whole number in a range; fractions and truth values are refused."""

    default_error_messages = {  # noqa: RUF012
        "invalid": [say("This must be a whole number.")],
        "too_large": [say("This number is too large.")],
    }

    def __init__(self, least: int, most: int, **kwargs: Any) -> None:
        """Set the range, both ends included."""
        limits = {"minimum": least, "maximum": most}
        super().__init__(metadata=limits | kwargs.pop("metadata", {}), **kwargs)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        # An address holds only text, so plain digits pass for a number.
        if not (type(value) is int or (isinstance(value, str) and _is_plain(value))):
            raise self.make_error("invalid")
        number: int = super()._deserialize(value, attr, data, **kwargs)
        if not self.least <= number <= self.most:
            raise _fault(
                say(
                    "Give a whole number from %(least)s to %(most)s.",
                    least=self.least,
                    most=self.most,
                )
            )
        return number


def _is_plain(text: str) -> bool:
    return text.isascii() and len(text) < len("9" * 20) and text.lstrip("-").isdigit()


class Degrees(_Spoken, fields.Float):
    """A number that is finite; its range is checked where the point is."""

    default_error_messages = {  # noqa: RUF012
        "invalid": [say("This is not a number. Give degrees, for example 28.2278.")],
        "special": [say("This is not a number. Give degrees, for example 28.2278.")],
        "too_large": [say("This number is too large.")],
    }

    def __init__(self, **kwargs: Any) -> None:
        """Refuse NaN and infinity."""
        super().__init__(allow_nan=False, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        if isinstance(value, bool):
            raise self.make_error("invalid")
        number: float = super()._deserialize(value, attr, data, **kwargs)
        return number


class Flag(_Spoken, fields.Boolean):
    """True or false; in an address 1 or 0."""

    default_error_messages = {"invalid": [say("This must be true or false.")]}  # noqa: RUF012


class Moment(_Spoken, fields.AwareDateTime):
    """An instant with its zone, ISO 8601."""

    default_error_messages = {  # noqa: RUF012
        "invalid": [say("Give a time such as 2026-03-02T09:30:00+08:00.")],
        "invalid_awareness": [say("Name the zone of this time, for example +08:00 or Z.")],
        "format": [say("Give a time such as 2026-03-02T09:30:00+08:00.")],
    }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str):
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        try:
            found = super()._deserialize(value, attr, data, **kwargs)
            # The first and last days of the calendar have no UTC.
            found.timestamp()
        except (OverflowError, ValueError) as fault:
            if isinstance(fault, ValidationError):
                raise
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from fault
        if not 1 < found.year < 9999:  # noqa: PLR2004  likewise
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        return found


class Choice(Words):
    """One word of a closed list."""

    def __init__(self, choices: Iterable[str], **kwargs: Any) -> None:
        """Set the list."""
        self.choices = tuple(choices)
        super().__init__(64, metadata={"enum": list(self.choices)}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text not in self.choices:
            raise _fault(Sentence(NOT_A_CHOICE.text, {"choices": ", ".join(self.choices)}))
        return text


class Choices(_Spoken, fields.String):
    """Words of a closed list with commas between them, in an address; gives a tuple."""

    default_error_messages = {"invalid": NOT_TEXT}  # noqa: RUF012

    def __init__(self, choices: Iterable[str], **kwargs: Any) -> None:
        """Set the list."""
        super().__init__(**kwargs)
        self.choices = tuple(choices)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        words = tuple(
            word.strip()
            for word in super()._deserialize(value, attr, data, **kwargs).split(",")
            if word.strip()
        )
        if set(words) - set(self.choices):
            raise _fault(Sentence(NOT_A_CHOICE.text, {"choices": ", ".join(self.choices)}))
        return words


class Part(_Spoken, fields.Nested):
    """An object inside the object."""

    default_error_messages = {"type": NOT_AN_OBJECT}  # noqa: RUF012


class Shape(ma.Schema):
    """The base of every shape: unknown fields are refused, each fault is a sentence."""

    error_messages = {"type": NOT_AN_OBJECT, "unknown": UNKNOWN}  # type: ignore[dict-item]  # noqa: RUF012

    class Meta:
        """Refuse what is not declared."""

        unknown = ma.RAISE


def loaded(shape: type[ma.Schema], values: dict[str, Any]) -> dict[str, Any]:
    """Return values that came in another way than as JSON, read in a shape.

    Raises:
        Invalid: naming every wrong field.
    """
    try:
        found: dict[str, Any] = shape().load(values)
    except ValidationError as fault:
        raise refusal_of(faults_of(fault.messages)) from fault
    return found


def filled(given: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """Return the fields of a form or an address that hold anything; an empty one was left out."""
    texts = {name: given.get(name, "").strip() for name in names}
    return {name: text for name, text in texts.items() if text}


def refusal_of(faults: dict[str, Sentence]) -> Invalid:
    """Return the refusal that names every wrong field."""
    return Invalid(say("Some fields are wrong. Each is named with its mend."), fields=faults)


def faults_of(messages: Any, path: str = "") -> dict[str, Sentence]:
    """Return the first sentence of each wrong field, by its path such as ``place.lat``.

    A path is one that can be shown, whatever the sender called the field.
    """
    if isinstance(messages, dict):
        found: dict[str, Sentence] = {}
        for name, inner in messages.items():
            named = _UNSTORABLE.sub("\ufffd", str(name))
            below = path if name == "_schema" else f"{path}.{named}" if path else named
            for key, sentence in faults_of(inner, below).items():
                found.setdefault(key, sentence)
        return found
    first = messages
    while isinstance(first, list) and first:
        first = first[0]
    if isinstance(first, dict):
        return faults_of(first, path)
    return {path: first if isinstance(first, Sentence) else say("This value is wrong.")}
