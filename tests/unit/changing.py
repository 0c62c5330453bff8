"""For tests of changed rules: sets of rules that differ in one thing, and a desk where everything goes on at once."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from acd.notices import RulesInForce
from acd.rules import Rules, SkillGroup
from acd.skills import normalized
from tests.conversation import RINGING, TALKING, Conversation, answered, arrives, centre, group, ready

IN_FORCE = RulesInForce("lead")


def desk(needs: Mapping[str, int] | None = None, **more: Any) -> SkillGroup:
    return replace(group("desk", **(needs or {})), **more)


def with_desk(rules: Rules, needs: Mapping[str, int] | None = None, **more: Any) -> Rules:
    """`rules` with another group "desk": with these needs, if they are given, and these values."""
    changed_needs = {} if needs is None else {"needs": normalized(needs)}
    return replace(rules, groups={**rules.groups, "desk": replace(rules.groups["desk"], **changed_needs, **more)})


def with_agents(rules: Rules, **skills: Mapping[str, int]) -> Rules:
    """`rules` with these agents and no others."""
    return replace(rules, agents=centre(agents=skills).agents)


def live(rules: Rules) -> Conversation:
    """ann talks with t, ben rings for r, and w waits. It is one second."""
    talk = Conversation(rules) << ready("ann") << [arrives("t"), answered("t")] << ready("ben")
    talk << [arrives("r"), arrives("w")]
    assert (talk.state("ann"), talk.state("ben"), talk.router.calls["w"].placed) == (TALKING, RINGING, True)
    return talk.at(1_000)
