"""Parts of sentences: needs, agents by state, places, terms, and what led to an offer."""

from acd.agents import AgentState
from acd.explain.entries import NeedSets
from acd.explain.facts import Engaged, InState, Lacking, LacksLevels, Named, Need, Place, Terms, Trigger
from acd.explain.order import weighted_wait
from acd.explain.words import Words, number, span
from acd.rules import DestinationKind

# --- skills -----------------------------------------------------------------------------------------------------------


def needs(sets: NeedSets, words: Words) -> str:
    """What is asked for: one of several sets."""
    return words.say("or").join(one_set(each, words) for each in sets)


def one_set(of: tuple[Need, ...], words: Words) -> str:
    if not of:
        return words.say("needs.none")
    return words.say("needs.and").join(words.say("need", skill=each.skill, level=each.level) for each in of)


def lacking(groups: tuple[Lacking, ...], words: Words) -> str:
    """Who lacks what, counted."""
    return words.say("semicolon").join(
        words.say("lacks", n=each.count, needs=one_set(each.needs, words), some=_lackers(each, words))
        for each in groups
    )


def _lackers(group: Lacking, words: Words) -> str:
    rest = group.count - len(group.some)
    some = [words.say("lacks.agent", agent=words.named(each.agent), has=_has(each, words)) for each in group.some]
    return words.many([*some, *([words.say("staff.more", n=rest)] if rest else [])])


def _has(of: LacksLevels, words: Words) -> str:
    return words.say("needs.and").join(
        words.say("has" if each.level else "has.not", skill=each.skill, level=each.level) for each in of.has
    )


# --- agents -----------------------------------------------------------------------------------------------------------


def staff(states: tuple[InState, ...], words: Words) -> str:
    """Who does what: counted by state, and some of them named; who is logged out only if nobody is logged in."""
    return words.say("semicolon").join(_in_state(each, words, names=len(states) == 1) for each in states)


def _in_state(group: InState, words: Words, names: bool) -> str:
    state, rest = words.term("state", group.state), group.count - len(group.some)
    if group.state is AgentState.LOGGED_OUT and not names:
        return words.say("staff", n=group.count, state=state)
    some = [_engaged(each, words) for each in group.some] + ([words.say("staff.more", n=rest)] if rest else [])
    return words.say("staff.some", n=group.count, state=state, some=words.many(some))


def _engaged(of: Engaged, words: Words) -> str:
    """The agent, and what is worth saying in brackets."""
    about = [words.term("reason", of.reason)] if of.reason else []
    if of.call:
        about.append(words.say("engaged.call", call=of.call))
    if of.by:
        about.append(words.say("engaged.by", by=of.by))
    if of.since:
        about.append(words.say("engaged.since", since=words.clock(of.since)))
    if of.pending:
        about.append(words.say("engaged.pending", pending=words.term("state", of.pending)))
    if of.declined:
        about.append(words.say("engaged.declined"))
    agent = words.named(of.agent)
    return words.say("engaged", agent=agent, about=words.many(about)) if about else agent


# --- calls and places -------------------------------------------------------------------------------------------------


def place(of: Place, words: Words) -> str:
    """Where a destination leads."""
    name = of.to.name
    if of.to.kind is DestinationKind.GROUP and of.name:
        name = words.say("group", name=of.name, id=of.to.name)
    elif of.to.kind is DestinationKind.AGENT:
        name = words.named(Named(id=of.to.name, name=of.name))
    return words.say(f"to.{of.to.kind}", name=name)


def terms(of: Terms, words: Words) -> str:
    """A waiting call, and what its place is made of."""
    about = [of.group.name or of.group.id]
    if of.returned:
        about.append(words.say("terms.returned"))
    if of.tier:
        about.append(words.say("terms.tier", tier=of.tier))
    about.append(waited(of, words))
    return words.say("terms", call=of.call, about=words.many(about))


def waited(of: Terms, words: Words) -> str:
    """The wait, with credit and weight where there are any."""
    parts = [words.say("terms.wait", wait=span(of.wait_ms))]
    if of.credit_ms:
        parts.append(words.say("terms.credit", credit=span(of.credit_ms)))
    if of.weight_percent != 100:
        parts.append(words.say("terms.weight", weight=number(of.weight_percent / 100)))
    return " ".join(parts)


def counted_wait(of: Terms) -> str:
    """(wait + credit) x weight, as a time."""
    return span(weighted_wait(of) // 100)


def trigger(of: Trigger, rung: Named, words: Words) -> str:
    """What led to the offer that rings at `rung`."""
    agent = ""
    if of.agent is not None:
        agent = words.say("the-agent" if of.agent == rung else "an-agent", agent=words.named(of.agent))
    return words.say(f"trigger.{_key(of)}", agent=agent, how=words.term("how", of.word), step=of.step, by=of.by)


def _key(of: Trigger) -> str:
    if of.kind != "agent-ready" or of.word not in ("go-ready", "wrap-up-over", "withdrawn"):
        return of.kind
    return "go-ready.by" if of.by else of.word
