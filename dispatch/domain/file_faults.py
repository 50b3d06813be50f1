"""What is wrong with a file, where, and how is it mended?"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from dispatch.domain.sentences import Sentence

MOST_FAULTS = 20
LONGEST_VALUE = 60


@dataclass(frozen=True)
class FileFault:
    """One fault: the line (or the feature of a GeoJSON file, from 1), the field, and its mend."""

    reason: Sentence
    line: int | None = None
    field: str | None = None
    feature: int | None = None

    def in_file(self, file: str) -> Sentence:
        """Return the whole sentence, with the file and the place in it."""
        values = {"file": file, "reason": self.reason}
        if self.feature is not None:
            return say(
                "%(file)s, feature %(feature)s, %(field)s: %(reason)s",
                feature=self.feature,
                field=self.field or "feature",
                **values,
            )
        if self.line is not None and self.field is not None:
            return say(
                "%(file)s, line %(line)s, %(field)s: %(reason)s",
                line=self.line,
                field=self.field,
                **values,
            )
        if self.line is not None:
            return say("%(file)s, line %(line)s: %(reason)s", line=self.line, **values)
        if self.field is not None:
            return say("%(file)s, %(field)s: %(reason)s", field=self.field, **values)
        return say("%(file)s: %(reason)s", **values)


class FileFaults:
    """The faults found so far in one file; reading stops at twenty."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[FileFault] = []

    def add(
        self,
        reason: Sentence,
        *,
        line: int | None = None,
        field: str | None = None,
        feature: int | None = None,
    ) -> None:
        """Keep a fault; raises Invalid with all of them when there are enough to mend at once."""
        self.found.append(FileFault(reason, line=line, field=field, feature=feature))
        if len(self.found) >= MOST_FAULTS:
            self.check()

    def check(self) -> None:
        """Raise Invalid when anything was found.

        Its sentence is the first fault; `fields` holds the reason of each, and `facts["refused"]`
        the line, feature and field of each in the same order.
        """
        if self.found:
            raise self._refusal()

    def refuse(
        self, reason: Sentence, *, line: int | None = None, field: str | None = None
    ) -> Invalid:
        """Return the refusal of a file that cannot be read any further."""
        self.found.append(FileFault(reason, line=line, field=field))
        return self._refusal()

    def _refusal(self) -> Invalid:
        fields = {
            f"{each.line or each.feature or 0}:{each.field or ''}:{number}": each.reason
            for number, each in enumerate(self.found)
        }
        places: list[dict[str, object]] = [
            {"line": each.line, "feature": each.feature, "field": each.field} for each in self.found
        ]
        return Invalid(
            self.found[0].in_file(self.file),
            fields=fields,
            facts={"file": self.file, "refused": places},
        )


def shown(value: object, longest: int = LONGEST_VALUE) -> str:
    """Return a value as it may stand in a sentence: one line, no control sign, not too long."""
    line = " ".join(str(value).split())
    text = "".join("\ufffd" if is_control(sign) else sign for sign in line[: longest + 1])
    return text if len(text) <= longest else f"{text[:longest]}…"


def is_control(text: str) -> bool:
    """Tell whether any sign is a control character or half of a pair, which no name may hold.

    PostgreSQL takes no NUL and no encoding half a pair; a terminal obeys the others.
    """
    return any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in text)
