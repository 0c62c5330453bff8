"""The sentences of an offer: where it rings and what led to it; by which measure; who else; which other calls."""

from acd.explain import phrases
from acd.explain.entries import Offered, OfferOver
from acd.explain.facts import Candidate, Other, Terms
from acd.explain.words import Words, span
from acd.notices import OfferEnd
from acd.rules import Strategy


def offered(of: Offered, words: Words) -> list[str]:
    """The first line for whoever only wants to know who."""
    staff = words.say("offered.others", staff=phrases.staff(of.staff, words)) if of.staff else ""
    lacking = words.say("lacking", lacking=phrases.lacking(of.lacking, words)) if of.lacking else ""
    return [_rings(of, words), _chosen(of, words), _instead(of, words), staff, lacking]


def _rings(of: Offered, words: Words) -> str:
    agents = [words.named(each.agent) for each in of.rings]
    trigger = phrases.trigger(of.trigger, of.rings[0].agent, words)
    if len(agents) > 1:
        shown, rest = words.many(agents[:10]), len(agents) - 10
        if rest > 0:
            shown = words.say("offered.many.more", agents=shown, n=rest)
        return words.say("offered.many", n=len(agents), agents=shown, trigger=trigger)
    return words.say("offered.joins" if of.joins else "offered", agents=agents[0], trigger=trigger)


def _chosen(of: Offered, words: Words) -> str:
    """By what the agent was preferred to the other ready ones, if there were any."""
    if of.by_name:
        return words.say("offered.by-name")
    if of.strategy is Strategy.RING_ALL and not of.personal:
        return "" if of.joins else words.say("chosen.ring-all")
    said = [words.say("offered.personal")] if of.personal else []
    if of.chosen.declined:
        said.append(words.say("offered.declined", agent=words.named(of.chosen.agent)))
    if of.ready == 1 and not said:
        said.append(words.say("offered.only"))
    if of.ready > 1:
        said.append(words.say(f"chosen.{of.strategy}", n=of.ready, measure=_measure(of.chosen, of.strategy, words)))
        said += _next(of, words)
    return words.sentences(*said)


def _next(of: Offered, words: Words) -> list[str]:
    if of.strategy is Strategy.RANDOM or not of.next:
        return []
    said, second = [], of.next[0]
    if of.tie:
        agent, idle = words.named(of.chosen.agent), span(of.chosen.idle_ms)
        said.append(words.say("offered.tie", agent=agent, idle=idle, next=span(second.idle_ms)))
    shown = (_one_next(each, of.strategy, words) for each in of.next)
    return [*said, words.say("offered.next", next=words.many(shown))]


def _one_next(of: Candidate, strategy: Strategy, words: Words) -> str:
    agent = words.named(of.agent)
    if of.declined:
        return words.say("next.declined", agent=agent)
    return words.say("next", agent=agent, measure=_measure(of, strategy, words))


def _measure(of: Candidate, strategy: Strategy, words: Words) -> str:
    """What the strategy goes by."""
    match strategy:
        case Strategy.LEAST_OCCUPIED:
            return words.say("measure.least-occupied", share=f"{100 * (of.share or 0):.1f}")
        case Strategy.FEWEST_CALLS:
            return words.say("measure.fewest-calls", calls=of.calls)
        case Strategy.ROUND_ROBIN:
            return _turn(of, words)
        case Strategy.MOST_SKILLED:
            return words.say("measure.most-skilled", levels=of.levels)
        case Strategy.LEAST_SKILLED:
            return words.say("measure.least-skilled", n=of.skills, skills=of.skills, levels=of.levels)
        case Strategy.FIXED_ORDER:
            return words.say("measure.fixed-order", position=of.position)
        case _:
            return words.say("measure.longest-idle", idle=span(of.idle_ms))


def _turn(of: Candidate, words: Words) -> str:
    if not of.has_had_turn:
        return words.say("measure.round-robin", position=of.position)
    if of.turn_at is None:
        return words.say("measure.round-robin.before")
    return words.say("measure.round-robin.at", at=words.clock(of.turn_at))


# --- which other calls ------------------------------------------------------------------------------------------------


def _instead(of: Offered, words: Words) -> str:
    if not of.instead:
        return ""
    others = words.say("semicolon").join(_other(each, of.terms, words) for each in of.instead)
    agent = words.named(of.rings[0].agent)
    return words.say("offered.instead", n=of.instead_count, agent=agent, others=others)


def _other(other: Other, own: Terms, words: Words) -> str:
    """What decided between the two."""
    sides: dict[str, object] = {"own": own.tier, "other": other.terms.tier}
    if other.because == "wait":
        sides = {"own": phrases.counted_wait(own), "other": phrases.counted_wait(other.terms)}
    call = phrases.terms(other.terms, words)
    return words.say(f"because.{other.because}", call=call, **sides)


# --- its end ----------------------------------------------------------------------------------------------------------


def offer_over(of: OfferOver, words: Words) -> list[str]:
    """Without talk."""
    agent = words.named(of.agent)
    if of.how is OfferEnd.WITHDRAWN:
        return [words.say(f"offer-over.{of.why}", agent=agent)]
    reason = words.term("reason", of.reason) if of.how is OfferEnd.FAILED else words.term("how", of.how)
    key = "offer-over.by" if of.by else "offer-over.failed" if of.how is OfferEnd.FAILED else "offer-over"
    state = words.term("state", of.becomes)
    ended = words.say(key, agent=agent, how=reason, reason=reason, by=of.by, state=state)
    return [words.sentences(ended, words.say("offer-over.rings-on" if of.rings_on else "offer-over.back"))]
