"""Configuration files to plain frozen values, with messages that name file, key, value and what is allowed.

A file is TOML. `load` reads it, checks every value and every reference between its tables, and returns `Settings`;
`Settings.rules()` is what the core routes by. A running server's settings are changed by `merged`, and `differences`
says what a change comes to. docs/configuration.md lists all keys, config/acd.toml is the commented example.
"""

from acd.settings.differences import differences
from acd.settings.files import load, parse
from acd.settings.merging import merged
from acd.settings.recording import RecordingSettings
from acd.settings.sections import (
    AgentSettings,
    AsteriskSettings,
    ServerSettings,
    SimulatorSettings,
    SupervisorSettings,
)
from acd.settings.whole import Settings

__all__ = [
    "AgentSettings",
    "AsteriskSettings",
    "RecordingSettings",
    "ServerSettings",
    "Settings",
    "SimulatorSettings",
    "SupervisorSettings",
    "differences",
    "load",
    "merged",
    "parse",
]
