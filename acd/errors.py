"""Every exception that Switchyard raises itself.

    SwitchyardError
    ├── ImpossibleTransition   ours: a bug; the daemon stops loudly and restarts
    ├── TimeWentBackwards      ours: the shell handed the core an earlier instant
    ├── SettingsError          theirs, at start or reload: a configuration that can't be used
    ├── AdapterEnded           ours: a PBX adapter returned though the daemon goes on
    └── JournalDamaged         operations: a journal line that is not what was written

What an agent, a caller or a client does wrong while the daemon runs is never an exception:
it is answered by a :class:`acd.notices.Refused`.
"""


class SwitchyardError(Exception):
    """The root of the tree."""


class ImpossibleTransition(SwitchyardError):
    """A state table has no row for something that only our own code can cause."""


class TimeWentBackwards(SwitchyardError):
    """An event was handed over with an instant before that of an earlier one."""


class AdapterEnded(SwitchyardError):
    """A PBX adapter returned though its commands were not closed."""


class SettingsError(SwitchyardError):
    """A configuration that can't be used; the text names file, key, value and what is allowed."""


class JournalDamaged(SwitchyardError):
    """A journal line whose checksum or form is wrong; the text names file and line."""
