"""Explanations as sentences that a supervisor understands, in one language."""

from acd.calls import IN_LINE, CallState, Stage
from acd.explain import phrases
from acd.explain.answers import AgentWhy, Asks, CallWhy, Passed, Standing, Why
from acd.explain.entries import Arrived, ConsultBegun, Waits
from acd.explain.sentences import sentences
from acd.explain.words import LANGUAGES, Words, span

INDENT = " " * 10


def lines_of(why: Why, words: Words) -> list[str]:
    """The explanation, line by line."""
    return _call(why, words) if isinstance(why, CallWhy) else _agent(why, words)


def texts(why: Why) -> dict[str, str]:
    """The explanation in every language, by the language's name."""
    return {language: "\n".join(lines_of(why, Words(language))) for language in LANGUAGES}


# --- a call -----------------------------------------------------------------------------------------------------------


def _call(why: CallWhy, words: Words) -> list[str]:
    """Where it stands comes first; then what happened, each with its time before it."""
    lines = [_title(why, words)]
    if why.standing is not None:
        lines += [*_now(why.standing, words), *([""] if why.entries else [])]
    waited: list[str] = []
    for entry in why.entries:
        said = sentences(entry, words)
        if isinstance(entry, Waits):  # what was said when it waited before needn't be said again
            said, waited = [each for n, each in enumerate(said) if n == 0 or each not in waited], said
        lines += [f"{words.clock(entry.at)}  {said[0]}", *(INDENT + each for each in said[1:])]
    return [*lines, *([words.say("damaged", damage=why.damaged)] if why.damaged else [])]


def _title(why: CallWhy, words: Words) -> str:
    came = next((entry for entry in why.entries if isinstance(entry, Arrived)), None)
    caller = f"{came.caller_number} {came.caller_name}".strip() if came is not None else ""
    day = words.day(came.at if came is not None else why.at)
    title = words.say("call.caller" if caller else "call", call=why.call, caller=caller, day=day)
    asks = _asks(why)
    if asks is not None:
        agent = words.named(asks.agent) if asks.agent is not None else ""
        title = words.say("call.consult", agent=agent, about=asks.about, call=why.call, day=day)
    return words.sentences(title, _nobody(why.standing, words))


def _asks(why: CallWhy) -> Asks | None:
    """Who asks in a consult, by its story or by the live state."""
    begun = next((entry for entry in why.entries if isinstance(entry, ConsultBegun)), None)
    if begun is not None:
        return Asks(agent=begun.agent, about=begun.about)
    return why.standing.asks if why.standing is not None else None


def _now(of: Standing, words: Words) -> list[str]:
    said = [words.say("now.at", at=words.clock(of.at))]
    if of.state in IN_LINE:
        said += _in_line(of, words)
    elif of.state is CallState.TALKING and of.talks_with is not None:
        since = words.clock(of.talks_since) if of.talks_since is not None else ""
        said.append(words.say("now.talks", agent=words.named(of.talks_with), since=since))
        said += _arranged(of, words.named(of.talks_with), words)
    elif of.leaving is not None:
        cause, to = words.term("cause", of.leaving.cause), phrases.place(of.leaving.to, words)
        said.append(words.say("now.elsewhere", to=to, cause=cause))
    return [said[0], *(INDENT + each for each in said[1:])]


def _arranged(of: Standing, agent: str, words: Words) -> list[str]:
    to = phrases.place(of.consults, words) if of.consults is not None else ""
    match of.stage:
        case Stage.HELD:
            return [words.say("now.held")]
        case Stage.CONSULTING:
            key = "now.consulting.answered" if of.consult_answered else "now.consulting"
            return [words.say(key, agent=agent, to=to)]
        case Stage.CONFERENCE:
            return [words.say("now.conference", to=to)]
    return []


def _in_line(of: Standing, words: Words) -> list[str]:
    """Where it waits, and who could have it."""
    said = _missing(of, words) if not of.logged_in else []
    if of.pbx_lost is not None:
        said.append(words.say("now.pbx", why=of.pbx_lost))
    if of.rings_at:
        said.append(words.say("now.rings", agents=words.many(words.named(each) for each in of.rings_at)))
    else:
        said.append(words.say("now.waits", group=words.group(of.group), wait=span(of.terms.wait_ms)))
        said.append(words.say("now.place", n=of.competing, place=of.ahead + 1))
    if of.ahead_some:
        said.append(words.say("now.ahead", calls=words.many(phrases.terms(each, words) for each in of.ahead_some)))
    if of.staff:
        said.append(words.say("now.may", staff=phrases.staff(of.staff, words)))
    return said + _to_come(of, words)


def _nobody(of: Standing | None, words: Words) -> str:
    if of is None or of.logged_in or of.state not in IN_LINE:
        return ""
    return words.say("now.nobody" if of.staff else "now.nobody.known")


def _missing(of: Standing, words: Words) -> list[str]:
    """Nobody logged in may serve it: why not."""
    said = [words.say("now.asks", needs=phrases.needs(of.needs, words))]
    if of.lacking:
        said.append(words.say("now.missing", lacking=phrases.lacking(of.lacking, words)))
    else:
        said.append(words.say("now.missing.all"))
    return said


def _to_come(of: Standing, words: Words) -> list[str]:
    said = []
    if of.personal is not None:
        until = words.clock(of.personal.until) if of.personal.until is not None else ""
        agent, state = words.named(of.personal.agent), words.term("state", of.personal.state)
        said.append(words.say("now.personal", agent=agent, state=state, until=until))
    if of.next is not None:
        said.append(words.say("now.step", step=of.next.step, at=words.clock(of.next.at)))
    if of.leaving is not None:
        cause, to = words.term("cause", of.leaving.cause), phrases.place(of.leaving.to, words)
        said.append(words.say("now.leaving", to=to, cause=cause))
    return said


# --- an agent ---------------------------------------------------------------------------------------------------------


def _agent(why: AgentWhy, words: Words) -> list[str]:
    """What the agent does comes first, then the calls."""
    title = words.say("agent", agent=words.named(why.agent), at=f"{words.day(why.at)} {words.clock(why.at)}")
    return [title, words.sentences(*_doing(why, words)), *_calls(why, words)]


def _doing(why: AgentWhy, words: Words) -> list[str]:
    state = words.term("state", why.state)
    since = words.clock(why.since) if why.since else ""
    said = [words.say("agent.state" if since else "agent.state.never", state=_capital(state), since=since)]
    if why.reason:
        said.append(words.say("agent.reason", reason=words.term("reason", why.reason)))
    if why.by:
        said.append(words.say("agent.by", by=why.by))
    if why.call:
        said.append(words.say("agent.call", call=why.call))
    if why.wrap_up_until is not None:
        said.append(words.say("agent.wrap-up", at=words.clock(why.wrap_up_until)))
    if why.pending:
        pending = words.term("state", why.pending)
        said.append(
            words.say("agent.pending.by" if why.pending_by else "agent.pending", pending=pending, by=why.pending_by)
        )
    if why.client_gone_until is not None:
        said.append(words.say("agent.client-gone", at=words.clock(why.client_gone_until)))
    return said


def _calls(why: AgentWhy, words: Words) -> list[str]:
    said = [words.say("agent.pbx", why=why.pbx_lost)] if why.pbx_lost is not None else []
    if not why.waiting:
        return [*said, words.say("agent.no-calls")]
    if why.may_take:
        may = words.say("agent.may", n=why.waiting, may=why.may_take)
        said.append(words.sentences(may, words.say("agent.first", call=phrases.terms(why.first[0], words))))
    else:
        said.append(words.say("agent.none-for", n=why.waiting))
    return said + [_passed(each, words) for each in why.passed]


def _passed(of: Passed, words: Words) -> str:
    group, first = words.group(of.group), phrases.terms(of.first, words)
    if of.personal is not None:
        until = words.clock(of.until) if of.until is not None else ""
        agent = words.named(of.personal)
        return words.say("passed.personal", n=of.count, group=group, agent=agent, until=until, call=first)
    missing = words.say("needs.and").join(_one_missing(*each, words) for each in of.missing)
    return words.say("passed.skills", n=of.count, group=group, missing=missing, call=first)


def _one_missing(skill: str, level: int, has: int, words: Words) -> str:
    need = words.say("need", skill=skill, level=level)
    return words.say("passed.missing" if has else "passed.missing.none", need=need, has=has)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
