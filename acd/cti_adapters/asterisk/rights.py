"""Which rights Switchyard's user of the manager interface needs, and for what. A table, pure.

`config/asterisk/manager-acd.conf` gives these and no more; tests/asterisk/test_rights.py takes each of them away.
"""

from collections.abc import Mapping

NEEDED_ACTIONS: Mapping[str, tuple[str, ...]] = {
    "DeviceStateList": ("call", "reporting"),
    "Getvar": ("call", "reporting"),
    "Hangup": ("call",),
    "Originate": ("originate",),
    "Ping": (),
    "Redirect": ("call",),
    "Setvar": ("call",),
    "ShowDialPlan": ("reporting",),
    "Status": ("call", "reporting"),
    "StopMixMonitor": ("call",),
}
"""Action -> the classes of `write` in the shipped account each of which allows it; none where everybody may."""

NEEDED_EVENTS: Mapping[str, str] = {
    "DeviceStateChange": "call",
    "HangupRequest": "call",
    "OriginateResponse": "call",
    "UserEvent": "user",
}
"""Event -> the class of `read` that lets it through. Those of a list that we asked for come without a right."""

WRITE_CLASSES = frozenset(each for classes in NEEDED_ACTIONS.values() for each in classes)
READ_CLASSES = frozenset(NEEDED_EVENTS.values())

DANGEROUS = (
    "Command",
    "GetConfig",
    "UpdateConfig",
    "ModuleLoad",
    "Reload",
    "DialplanExtensionAdd",
    "DBPut",
    "QueueAdd",
    "UserEvent",
)
"""What is said first of what the user may do and needn't: the system's commands, secrets, other people's calls."""
