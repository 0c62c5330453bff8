"""The sentences of each entry of a call's story: the first says what happened, the others why and what else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from acd.agents import AgentState
from acd.calls import CallKind
from acd.explain import entries, phrases
from acd.explain.entries import AnyEntry
from acd.explain.facts import InState
from acd.explain.sentences_of_offers import offer_over, offered
from acd.explain.sentences_of_talks import arranged, consult_begun, dialled, intercepted, transferred
from acd.explain.words import Words, number, span


def sentences(entry: AnyEntry, words: Words) -> list[str]:
    """What there is to say of the entry, a line each."""
    return [line for line in _SAYS[type(entry)](entry, words) if line]


# --- coming in --------------------------------------------------------------------------------------------------------


def _arrived(of: entries.Arrived, words: Words) -> list[str]:
    group = words.group(of.group) if of.group is not None else ""
    key = "arrived.nowhere" if of.group is None else "arrived" if of.group_by == "entry" else "arrived.by-call"
    came = [words.say(key, entry=of.entry, group=group)]
    if of.waits_since is not None:
        came.append(words.say("arrived.waits", since=words.clock(of.waits_since)))
    return [words.sentences(*came), words.sentences(*_granted(of, words))]


def _granted(of: entries.Arrived, words: Words) -> list[str]:
    said = []
    if of.needs:
        asked = (
            words.say(
                "needs.from",
                need=words.say("need", skill=each.skill, level=each.level),
                source=words.term("source", each.source),
            )
            for each in of.needs
        )
        said.append(words.say("arrived.needs", needs=words.say("needs.and").join(asked)))
    if of.vip:
        said.append(words.say("arrived.vip", vip=of.vip))
    if of.tier.value:
        said.append(words.say("arrived.tier", tier=of.tier.value, source=words.term("source", of.tier.source)))
    if of.credit_ms.value:
        source = words.term("source", of.credit_ms.source)
        said.append(words.say("arrived.credit", credit=span(of.credit_ms.value), source=source))
    return said


def _personal(of: entries.Personal, words: Words) -> list[str]:
    named = words.say(f"personal.{of.source}", agent=words.named(of.agent))
    if of.state is None:
        return [words.sentences(named, words.say("personal.unknown"))]
    key = "waits" if of.waits else "no-wait" if of.wait_ms <= 0 else "state"
    state = words.term("state", of.state)
    return [words.sentences(named, words.say(f"personal.{key}", state=state, wait=span(of.wait_ms)))]


def _personal_over(of: entries.PersonalOver, words: Words) -> list[str]:
    return [words.say(f"personal-over.{of.why}", agent=words.named(of.agent))]


def _door_shut(of: entries.DoorShut, words: Words) -> list[str]:
    key = "door-shut" if of.to is not None else "door-shut.nowhere"
    to = phrases.place(of.to, words) if of.to is not None else ""
    said = [words.say(key, group=words.group(of.group), cause=words.term("cause", of.cause), to=to)]
    if of.present is not None:
        said.append(words.say("door-shut.full", n=of.present))
    return [words.sentences(*said)]


def _refused(of: entries.Refused, words: Words) -> list[str]:
    return [words.say("refused", cause=words.term("cause", of.cause))]


# --- waiting ----------------------------------------------------------------------------------------------------------


def _waits(of: entries.Waits, words: Words) -> list[str]:
    said = [words.say(_waits_key(of), group=words.group(of.group), why=of.pbx_lost)]
    if of.personal is not None:
        said = [words.say("waits.personal", agent=words.named(of.personal))]
    if of.ahead:
        said.append(words.say("waits.ahead", n=of.ahead))
    staff = words.say("waits.staff", staff=phrases.staff(of.staff, words)) if of.staff else ""
    lacking = words.say("lacking", lacking=phrases.lacking(of.lacking, words)) if of.lacking else ""
    return [words.sentences(*said), staff, lacking]


def _waits_key(of: entries.Waits) -> str:
    if of.pbx_lost is not None:
        return "waits.pbx"
    if _any_in(of.staff, AgentState.READY):
        return "waits.moment"
    there = any(each.state is not AgentState.LOGGED_OUT for each in of.staff)
    return "waits" if there else "waits.nobody"


def _any_in(staff: tuple[InState, ...], state: AgentState) -> bool:
    return any(each.state is state for each in staff)


def _step(of: entries.StepTaken, words: Words) -> list[str]:
    said = [words.say("step", step=of.step, after=span(of.after_ms), group=words.group(of.group))]
    if of.groups is not None:
        key, groups = ("step.groups" if of.groups else "step.groups.none"), map(words.group, of.groups)
        said.append(words.say(key, groups=words.many(groups)))
    elif of.needs != of.needs_before:
        said.append(_other_needs(of, words, "step.needs"))
    if of.tier is not None:
        said.append(words.say("step.tier", tier=of.tier))
    if of.to is not None:
        said.append(words.say("step.to", to=phrases.place(of.to, words)))
    return [words.sentences(*said)]


def _other_needs(of: entries.StepTaken | entries.Changed, words: Words, key: str) -> str:
    return words.say(key, needs=phrases.needs(of.needs, words), before=phrases.needs(of.needs_before, words))


def _changed(of: entries.Changed, words: Words) -> list[str]:
    key = "changed.by" if not of.rules else "changed.rules.by" if of.by else "changed.rules"
    said = [words.say(key, by=of.by)]
    if of.needs != of.needs_before:
        said.append(_other_needs(of, words, "changed.needs"))
    if of.tier != of.tier_before:
        said.append(words.say("changed.tier", tier=of.tier, before=of.tier_before))
    if of.strategy is not of.strategy_before:
        before, strategy = words.term("strategy", of.strategy_before), words.term("strategy", of.strategy)
        said.append(words.say("changed.strategy", strategy=strategy, before=before))
    if of.weight_percent != of.weight_percent_before:
        before, weight = number(of.weight_percent_before / 100), number(of.weight_percent / 100)
        said.append(words.say("changed.weight", weight=weight, before=before))
    return [words.sentences(*said)]


def _heard(of: entries.Heard, words: Words) -> list[str]:
    return [words.say("heard.callback") if of.callback else words.say("heard.prompt", prompt=of.prompt)]


def _callback_taken(of: entries.CallbackTaken, words: Words) -> list[str]:
    return [words.say("callback-taken.merged" if of.merged else "callback-taken", number=of.number)]


# --- talking and leaving ----------------------------------------------------------------------------------------------


def _talks(of: entries.Talks, words: Words) -> list[str]:
    key = "talks.taken" if of.taken else "talks" if of.of is CallKind.INCOMING else f"talks.{of.of}"
    return [words.say(key, agent=words.named(of.agent), wait=span(of.waited_ms))]


def _phone_lost(of: entries.PhoneLost, words: Words) -> list[str]:
    return [words.say("phone-lost", agent=words.named(of.agent), talked=span(of.talked_ms))]


def _moved(of: entries.Moved, words: Words) -> list[str]:
    group, to, cause = words.group(of.group), words.group(of.to), words.term("cause", of.cause)
    return [words.say("moved.by" if of.by else "moved", group=group, to=to, cause=cause, by=of.by)]


def _leaving(of: entries.Leaving, words: Words) -> list[str]:
    cause, to = words.term("cause", of.cause), phrases.place(of.to, words)
    return [words.say(f"leaving.{of.why_not}", to=to, cause=cause)]


def _sent(of: entries.Sent, words: Words) -> list[str]:
    return [words.say("sent", to=phrases.place(of.to, words), cause=words.term("cause", of.cause))]


def _not_sent(of: entries.NotSent, words: Words) -> list[str]:
    return [words.say("not-sent.why" if of.why else "not-sent", why=of.why)]


def _ended(of: entries.Ended, words: Words) -> list[str]:
    agent = words.named(of.agent) if of.agent is not None else ""
    outcome, wait, talked = words.term("outcome", of.outcome), span(of.waited_ms), span(of.talked_ms)
    return [words.say("ended.talk" if agent else "ended", outcome=outcome, wait=wait, talked=talked, agent=agent)]


def _lost(_of: entries.Lost, words: Words) -> list[str]:
    return [words.say("lost")]


def _cut(_of: entries.Cut, words: Words) -> list[str]:
    return [words.say("cut")]


_SAYS: dict[type, Callable[[Any, Words], list[str]]] = {
    entries.Arrived: _arrived,
    entries.Personal: _personal,
    entries.PersonalOver: _personal_over,
    entries.DoorShut: _door_shut,
    entries.Refused: _refused,
    entries.Waits: _waits,
    entries.StepTaken: _step,
    entries.Changed: _changed,
    entries.Heard: _heard,
    entries.CallbackTaken: _callback_taken,
    entries.Offered: offered,
    entries.OfferOver: offer_over,
    entries.Talks: _talks,
    entries.PhoneLost: _phone_lost,
    entries.ConsultBegun: consult_begun,
    entries.Arranged: arranged,
    entries.Dialled: dialled,
    entries.Transferred: transferred,
    entries.Intercepted: intercepted,
    entries.Moved: _moved,
    entries.Leaving: _leaving,
    entries.Sent: _sent,
    entries.NotSent: _not_sent,
    entries.Ended: _ended,
    entries.Lost: _lost,
    entries.Cut: _cut,
}
