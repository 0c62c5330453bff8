"""What a witness hears of talks: their stages, consults, transfers and interceptions, as entries of a call's story."""

from collections.abc import Iterator

from acd import notices as say
from acd.callflow import CallFlow
from acd.explain import entries, names
from acd.rules import Destination


def entry_of_talk(message: say.TalkNotice, flow: CallFlow) -> Iterator[entries.AnyEntry]:
    """The entry that the message is worth, if any: who listens, and what is recorded, decides nothing."""
    match message:
        case say.TalkChanged():
            yield _arranged(message, flow)
        case say.CallDialled():
            group = names.of_group_id(message.group, flow.rules)
            agent = names.of_agent_id(message.agent, flow.rules)
            yield entries.Dialled(at=flow.now, agent=agent, group=group, number=message.number)
        case say.CallTransferred():
            to, agent = names.of_place(message.to, flow.rules), names.of_agent_id(message.agent, flow.rules)
            yield entries.Transferred(at=flow.now, agent=agent, to=to, attended=message.attended)
        case say.CallIntercepted():
            agent = names.of_agent_id(message.agent, flow.rules)
            yield entries.Intercepted(at=flow.now, agent=agent, by=message.by)


def _arranged(talk: say.TalkChanged, flow: CallFlow) -> entries.Arranged:
    return entries.Arranged(
        at=flow.now,
        agent=names.of_agent_id(talk.agent, flow.rules),
        stage=talk.stage,
        to=names.of_place(talk.to, flow.rules) if talk.to is not None else None,
        answered=talk.answered,
        party=names.of_agent_id(talk.party, flow.rules) if talk.party is not None else None,
        ended=talk.ended,
    )


def consult_begun(talk: say.TalkChanged, to: Destination, flow: CallFlow) -> entries.ConsultBegun:
    return entries.ConsultBegun(
        at=flow.now,
        agent=names.of_agent_id(talk.agent, flow.rules),
        about=talk.call,
        to=names.of_place(to, flow.rules),
    )
