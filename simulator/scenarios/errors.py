"""What a scenario's file may have wrong."""

from acd.errors import SettingsError


class ScenarioError(SettingsError):
    """A scenario that can't be used; the text names file, key, value and what to do, one line for each thing."""
