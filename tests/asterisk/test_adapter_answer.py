"""The word to answer by itself, at phones that understand it and at one that doesn't."""

import pytest
import trio

from acd.commands import AnswerOffer, WithdrawOffer
from acd.events import CallerLeft, OfferAccepted
from tests.asterisk.talk_scene import CALLER, TalkScene, hears, talk_scene
from tests.pbx.call import TIMEOUT_S, Ending
from tests.pbx.fixtures import BootPbx
from tests.pbx.incoming import answering_if_asked

pytestmark = pytest.mark.asterisk

LATER = "13800000002"
"""What the phone's display shows for the second offer: by that its ring is known."""


async def test_a_phone_that_understands_answers_by_itself(boot_pbx: BootPbx) -> None:
    """It is rung anew, once; the first ring is cancelled before, for it answers only when it is idle."""
    async with talk_scene(boot_pbx, begun=False) as at:
        at.call, at.caller = await at.waiting()
        at.agent_phone.behaviour = answering_if_asked
        offer = at.core.offer(at.call)
        first = await at.agent_phone.ringing()
        assert "answer-after" not in first.invite.header("Call-Info")
        await asterisk_knows_that_it_rings(at)
        at.core.send(AnswerOffer(offer), AnswerOffer(offer))
        await at.tells(OfferAccepted(offer))
        second = await at.agent_phone.next_call()
        assert first.ending is Ending.CANCELLED
        assert first.times.cancel_at is not None
        assert second.times.invite_at is not None
        assert first.times.cancel_at <= second.times.invite_at
        assert second.invite.header("Call-Info") == "<sip:switchyard>;answer-after=0"
        assert second.invite.header("Alert-Info") == "info=alert-autoanswer"
        await hears(second, CALLER)
        at.core.send(AnswerOffer(offer))  # it talks already
        await hears(second, CALLER)
        assert at.agent_phone.calls == [first, second]
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))


async def asterisk_knows_that_it_rings(at: TalkScene) -> None:
    """A call of which the phone has said nothing yet can't be cancelled: Asterisk does so when it does."""
    with trio.fail_after(TIMEOUT_S):
        while "!Ringing!" not in await at.pbx.cli("core show channels concise"):  # noqa: ASYNC110 - asked over the wire
            await trio.sleep(0.01)


async def test_a_phone_that_does_not_understand_rings_on(boot_pbx: BootPbx) -> None:
    """And is answered, or withdrawn, as before."""
    async with talk_scene(boot_pbx, begun=False) as at:
        at.call, at.caller = await at.waiting()
        offer = at.core.offer(at.call)
        await at.agent_phone.ringing()
        at.core.send(AnswerOffer(offer), AnswerOffer(offer))
        await at.agent_phone.ringing()
        at.core.send(WithdrawOffer(offer))
        again = at.core.offer(at.call, number=LATER)
        ring = await at.agent_phone.ringing()
        while ring.caller_number != LATER:  # for a moment the one before may ring beside it
            ring = await at.agent_phone.ringing()
        await ring.answer()
        await at.tells(OfferAccepted(again))
        for earlier in at.agent_phone.calls:
            assert earlier is ring or await earlier.ended() is Ending.CANCELLED
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))
