"""The sentences of a talk: who is consulted, how it is arranged, to whom the caller is given."""

from acd.calls import Stage
from acd.explain import entries, phrases
from acd.explain.words import Words


def consult_begun(of: entries.ConsultBegun, words: Words) -> list[str]:
    agent, to = words.named(of.agent), phrases.place(of.to, words)
    return [words.say("consult-begun", agent=agent, to=to, call=of.about)]


def arranged(of: entries.Arranged, words: Words) -> list[str]:
    agent = words.named(of.agent)
    if of.ended is not None:
        return [words.say("talk.ended", agent=agent, why=words.term("consult-end", of.ended))]
    to = phrases.place(of.to, words) if of.to is not None else ""
    party = words.named(of.party) if of.party is not None else to
    return [words.say(f"talk.{_key(of)}", agent=agent, to=to, party=party)]


def _key(of: entries.Arranged) -> str:
    if of.stage is not Stage.CONSULTING:
        return of.stage
    if of.answered:
        return "consulting.answered"
    return "consulting.rings" if of.party is not None else "consulting"


def dialled(of: entries.Dialled, words: Words) -> list[str]:
    return [words.say("dialled", agent=words.named(of.agent), number=of.number, group=words.group(of.group))]


def transferred(of: entries.Transferred, words: Words) -> list[str]:
    key = "transferred.attended" if of.attended else "transferred"
    return [words.say(key, agent=words.named(of.agent), to=phrases.place(of.to, words))]


def intercepted(of: entries.Intercepted, words: Words) -> list[str]:
    return [words.say("intercepted", agent=words.named(of.agent), by=of.by)]
