"""What a witness hears: the commands and notices of a call, at the instant of each, as entries of its story."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from acd import commands as cmd
from acd import events as ev
from acd import notices as say
from acd.calls import Cause
from acd.explain import entries, looks, names
from acd.explain.hearing_of_talks import entry_of_talk

if TYPE_CHECKING:
    from acd.explain.witness import Witness

Message = cmd.Command | say.Notice
NO_GROUP = (cmd.RefusalCause.UNKNOWN_ENTRY, cmd.RefusalCause.UNKNOWN_GROUP)


class Ear(list[Message]):
    """A list that tells somebody of everything appended."""

    def __init__(self, hear: Callable[[Message], None]) -> None:
        super().__init__()
        self._hear = hear

    def append(self, message: Message) -> None:
        super().append(message)
        self._hear(message)


def entry_of(message: Message, flow: Witness) -> Iterator[entries.AnyEntry]:
    """The entry that the message is worth, if any."""
    now, rules = flow.now, flow.rules
    match message:
        case cmd.PlayPrompt() | cmd.OfferCallback():
            prompt = message.prompt if isinstance(message, cmd.PlayPrompt) else ""
            yield entries.Heard(at=now, prompt=prompt, callback=not prompt)
        case say.StepTaken():
            yield _step(message, flow)
        case say.CallMoved():
            yield _moved(message, flow)
        case say.CallSent():
            yield entries.Sent(at=now, to=names.of_place(message.to, rules), cause=message.cause)
        case say.CallConnected():
            yield _talks(message, flow)
        case cmd.RefuseCall() | say.CallFinished():
            yield from _no_more(message, flow)
        case say.TalkChanged() | say.CallDialled() | say.CallTransferred() | say.CallIntercepted():
            yield from entry_of_talk(message, flow)


def _talks(message: say.CallConnected, flow: Witness) -> entries.Talks:
    story = flow.entries[message.call]
    return entries.Talks(
        at=flow.now,
        agent=names.of_agent_id(message.agent, flow.rules),
        waited_ms=message.waited_ms,
        of=message.kind,
        taken=bool(story) and isinstance(story[-1], entries.Transferred),
    )


def _no_more(message: cmd.RefuseCall | say.CallFinished, flow: Witness) -> Iterator[entries.AnyEntry]:
    """A call for which there is no group at all was never seen to arrive."""
    if isinstance(message, say.CallFinished):
        yield _ended(message, flow)
        return
    if message.cause in NO_GROUP and isinstance(flow.event, ev.CallArrived):
        yield looks.arrived(flow, flow.event, None)
    yield entries.Refused(at=flow.now, cause=message.cause)


def _step(message: say.StepTaken, flow: Witness) -> entries.StepTaken:
    call = flow.calls[message.call]
    step = call.group.steps[message.step - 1]
    added = None
    if step.groups is not None:
        added = tuple(names.of_group_id(each, flow.rules) for each in step.groups)
    return entries.StepTaken(
        at=flow.now,
        group=names.of_group(call.group),
        step=message.step,
        after_ms=step.after_ms,
        needs_before=names.asked_sets(call, message.step - 1, flow.rules),
        needs=names.asked_sets(call, message.step, flow.rules),
        groups=added,
        tier=step.tier,
        prompt=step.prompt,
        callback=step.callback,
        to=names.of_place(step.to, flow.rules) if step.to is not None else None,
    )


def _moved(message: say.CallMoved, flow: Witness) -> entries.Moved:
    group, to = names.of_group_id(message.group, flow.rules), names.of_group_id(message.to, flow.rules)
    by = flow.event.by if isinstance(flow.event, ev.ForcedMove) and message.cause is Cause.SUPERVISOR else ""
    return entries.Moved(at=flow.now, group=group, to=to, cause=message.cause, by=by)


def _ended(message: say.CallFinished, flow: Witness) -> entries.Ended:
    return entries.Ended(
        at=flow.now,
        outcome=message.outcome,
        agent=names.of_agent_id(message.agent, flow.rules) if message.agent is not None else None,
        waited_ms=message.waited_ms,
        talked_ms=message.talked_ms,
    )
