"""Where recordings are kept, and how their files are called."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from acd.settings.kinds import Section, Zone, complain

FIELDS = (
    "date",
    "year",
    "month",
    "day",
    "time",
    "group",
    "agent",
    "call",
    "caller_number",
    "entry",
)
"""What a file's name may tell."""
_FIELD, _FIXED = r"\{([^{}]*)\}", r"[A-Za-z0-9+@=_.-]"


def _is_file(template: str) -> str:
    fields = re.findall(_FIELD, template)
    complain(
        f"{{{field}}} is no field; there are: {', '.join(f'{{{known}}}' for known in FIELDS)}"
        for field in fields
        if field not in FIELDS
    )
    bare = re.sub(_FIELD, "x", template)
    if not re.fullmatch(f"{_FIXED}+(/{_FIXED}+)*", bare) or re.search(r"(^|/)\.", bare):
        raise ValueError(
            "Input should be letters, digits, + @ = _ . - and fields such as {date}, with / between folders; it can't "
            "begin with a / or lead out of the folder, and no name begins with a dot"
        )
    if "call" not in fields:
        raise ValueError("Input should have {call} in it, or two calls could be recorded into one file")
    return template


class RecordingSettings(Section):
    """The files that Asterisk records into."""

    folder: Annotated[str, Field(max_length=200, pattern=r"^((/[A-Za-z0-9+@=_-][A-Za-z0-9+@=_.-]*)+)?$")] = ""
    """On Asterisk's machine; empty: Asterisk's own, `monitor` in its spool folder."""
    file: Annotated[str, Field(max_length=200), AfterValidator(_is_file)] = "{date}/{group}/{time}-{call}"
    format: Literal["wav", "wav16", "wav49", "gsm", "ulaw", "alaw", "g722", "sln"] = "wav"
    zone: Zone | None = None
    """Of dates and times in names; not given: that of this machine."""
