"""Whom an agent may consult, looked up when asked: telling everybody of everybody's state would cost far more."""

from itertools import islice

from acd.agents import Agent, AgentState
from acd.protocol.views import DirectoryAgent, DirectoryGroup, DirectoryView
from acd.router import Router

SHOWN_MAX = 50
"""Of agents, and of groups."""


def directory(router: Router, search: str, asker: str) -> DirectoryView:
    """The agents (but for `asker`) and groups with `search` in their id or name: first who is ready, then at work."""
    needle = search.strip().casefold()
    agents = [each for each in router.agents.values() if needle in _words(each.id, each.record.name)]
    groups = [each for each in router.rules.groups.values() if needle in _words(each.id, each.name)]
    shown = [DirectoryGroup(id=each.id, name=each.name) for each in islice(groups, SHOWN_MAX)]
    agents = sorted((each for each in agents if each.id != asker), key=_away)
    return DirectoryView(
        agents=[
            DirectoryAgent(id=each.id, name=each.record.name, state=each.state) for each in islice(agents, SHOWN_MAX)
        ],
        groups=shown,
        left_out=max(0, len(agents) - SHOWN_MAX) + max(0, len(groups) - SHOWN_MAX),
    )


def _words(id_: str, name: str) -> str:
    """What is searched: a line each, for nobody can search for the end of a line."""
    return f"{id_}\n{name}".casefold()


def _away(agent: Agent) -> int:
    """0: ready; 1: at work; 2: not there."""
    return 0 if agent.state is AgentState.READY else 2 if agent.state is AgentState.LOGGED_OUT else 1
