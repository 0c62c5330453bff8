"""The centre that is driven: its plan, and the configuration file that the daemon must have."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import argon2

from acd.web.accounts import hashed
from simulator.load.crowd import BUSY, OPEN

PASSWORD = "load"  # noqa: S105 - on the loopback, of nobody
SECRET = "acd-load"  # noqa: S105
"""Of the simulated Asterisk's manager interface, which listens on the loopback while the load lasts."""
ONLOOKER = "look"
"""A supervisor who is logged in for moments, and asks how the agents are."""
FIRST_AGENT = 10_001
WRAP_UP_S_MAX, GRACE_S = 600, 600
"""The server ends no wrap-up by itself, and nobody who is cut off is taken out of service."""
CHEAP = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass(frozen=True, kw_only=True)
class Centre:
    """Who is there. Half of the agents serve each of the two groups of `crowd`."""

    agents: int
    supervisors: int = 2
    """Who see everything, and read it."""
    slow: int = 0
    """Supervisors who will stop reading one day."""
    is_dear: bool = False
    """Whether passwords cost what they cost in earnest."""

    def ids(self) -> list[str]:
        """The agents'."""
        return [str(FIRST_AGENT + n) for n in range(self.agents)]

    def busy_agents(self) -> int:
        """How many of them serve the group in which callers wait."""
        return self.agents // 2

    def watchers(self) -> list[str]:
        """The supervisors'."""
        return [f"watch-{n}" for n in range(1, self.supervisors + 1)]

    def slow_ones(self) -> list[str]:
        """Those of them who will stop reading."""
        return [f"slow-{n}" for n in range(1, self.slow + 1)]

    def devices(self) -> list[str]:
        """The agents' phones."""
        return [f"PJSIP/{agent}" for agent in self.ids()]

    def toml(self, journal: Path, ami_port: int, port: int) -> str:
        """The configuration file."""
        proof = hashed(PASSWORD) if self.is_dear else CHEAP.hash(PASSWORD)
        head = f"""# Made by `acd load`: {self.agents} agents. The password of all is {PASSWORD!r}.
adapter = "asterisk"
[server]
port = {port}
journal = {json.dumps(str(journal))}
[asterisk]
port = {ami_port}
secret = {json.dumps(SECRET)}
[routing]
client_grace_s = {GRACE_S}
"""
        return head + "".join(_table(name, keys) for name, keys in self._tables(proof))

    def _tables(self, proof: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        yield "groups", {"id": "open", "needs": {"open": 1}, "wrap_up_s": WRAP_UP_S_MAX}
        yield "groups", {"id": "busy", "needs": {"busy": 1}, "wrap_up_s": 0}
        yield "entry_points", {"number": OPEN, "group": "open"}
        yield "entry_points", {"number": BUSY, "group": "busy"}
        for number, (agent, device) in enumerate(zip(self.ids(), self.devices())):
            skills = {"busy" if number < self.busy_agents() else "open": 1}
            yield "agents", {"id": agent, "device": device, "skills": skills, "password_hash": proof}
        for supervisor in (ONLOOKER, *self.watchers(), *self.slow_ones()):
            yield "supervisors", {"id": supervisor, "password_hash": proof}


def _table(name: str, keys: Mapping[str, Any]) -> str:
    return "\n".join([f"[[{name}]]", *(f"{key} = {_value(value)}" for key, value in keys.items()), ""])


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {each}" for key, each in value.items()) + "}"
    return json.dumps(value)
