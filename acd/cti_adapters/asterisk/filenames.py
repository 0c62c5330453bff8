"""How a recording's file is called. Pure.

A caller chooses the number that is shown, and whoever writes a dialplan what else comes with a call: nothing of it may
lead out of the folder, or mean something to Asterisk or to a shell.
"""

import re
from datetime import datetime

from acd.events import CallArrived
from acd.ids import AgentId, CallId, GroupId
from acd.settings import RecordingSettings

UNKNOWN, LENGTH_MAX = "unknown", 64


def recording_path(
    settings: RecordingSettings, at: datetime, call: CallId, group: GroupId, agent: AgentId, arrival: CallArrived | None
) -> str:
    """The path for Asterisk: from its own folder if no folder is given."""
    values = {
        "group": group,
        "agent": agent,
        "call": call,
        "caller_number": arrival.caller_number if arrival else "",
        "entry": arrival.entry if arrival else "",
    }
    fields = {
        "date": f"{at:%Y-%m-%d}",
        "year": f"{at:%Y}",
        "month": f"{at:%m}",
        "day": f"{at:%d}",
        "time": f"{at:%H%M%S}",
        **{name: plain(value) for name, value in values.items()},
    }
    name = f"{settings.file.format_map(fields)}.{settings.format}"
    return f"{settings.folder}/{name}" if settings.folder else name


def plain(value: str) -> str:
    """`value` as a part of a file's name: letters of ASCII, digits, + @ = _ - and dots, though not at the beginning."""
    return re.sub(r"^\.|[^A-Za-z0-9+@=_.-]", "_", value)[:LENGTH_MAX] or UNKNOWN
