"""Call centres described in files: who calls, who works when, by what rules, and what is promised.

A file is TOML and says what a planner knows; `load` reads it, checks every value and every reference, and returns a
`Scenario`, whose `world` a router can be put before. docs/simulator-scenarios.md lists all keys; those in
config/scenarios come with Switchyard.
"""

from simulator.scenarios.errors import ScenarioError
from simulator.scenarios.loading import find, load, with_rules, world
from simulator.scenarios.values import FaultPlan, Figure, Promise, Scenario, value

__all__ = [
    "FaultPlan",
    "Figure",
    "Promise",
    "Scenario",
    "ScenarioError",
    "find",
    "load",
    "value",
    "with_rules",
    "world",
]
