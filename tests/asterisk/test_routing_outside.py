"""Rules that end outside Switchyard or in a prompt, end to end: real callers, Asterisk, daemon and phones."""

from pathlib import Path

import pytest
import trio

from tests.asterisk.house import adapter_toml
from tests.asterisk.scripted_core import acd_pbx, record_tone
from tests.daemon import Centre, daemon
from tests.pbx.call import Ending
from tests.pbx.fixtures import BootPbx
from tests.pbx.phone import telephones

pytestmark = pytest.mark.asterisk

PROMPT, PROMPT_TONE = "please-wait", 2730
OUTSIDE = "\n[acd-outside-own]\nexten => _2XXX,1,Dial(PJSIP/1002,20)\n"
STEPS = [{"after_s": 0.5, "prompt": PROMPT}, {"after_s": 2.0, "to": "number:2000"}]


async def test_a_caller_hears_the_prompt_and_leaves_for_the_number(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """Nobody is ready: the prompt after half a second, then the phone outside rings; they talk on without us."""
    centre = Centre(agents={"1001": {}}, groups={"desk": {"steps": STEPS}})
    async with boot_pbx(acd_pbx(dialplan=OUTSIDE)) as pbx, telephones(pbx) as sip:
        record_tone(pbx, PROMPT, PROMPT_TONE, seconds=1)
        outside = await sip.phone("1002")
        async with daemon(centre, adapter_toml(pbx), tmp_path) as acd, acd.client("lead") as lead:
            caller = await sip.dial("8001", from_number="13800000001")
            assert await caller.hears(PROMPT_TONE)
            ring = await outside.ringing()
            assert ring.caller_number == "13800000001"
            finished = await lead.sees("finished")
            assert finished["outcome"] == "sent-elsewhere"
            await ring.answer()
            assert await caller.hears(outside.tone)
            await caller.hang_up()
            assert await ring.ended() is Ending.FAR_HUNG_UP


async def test_a_number_that_the_dialplan_doesnt_know_leaves_the_caller_in_the_line(
    boot_pbx: BootPbx, tmp_path: Path
) -> None:
    """The log says what to add; the next agent who is ready gets the call."""
    centre = Centre(agents={"1001": {}}, groups={"desk": {"steps": [{"after_s": 0.5, "to": "number:2000"}]}})
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip:
        phone = await sip.phone("1001")
        async with daemon(centre, adapter_toml(pbx), tmp_path) as acd, acd.agents("1001", ready=False) as [agent]:
            caller = await sip.dial("8001")
            assert await caller.hears_music()
            with trio.fail_after(10):
                while "acd-outside-own" not in acd.log.read_text():  # noqa: ASYNC110  a file has no event
                    await trio.sleep(0.05)
            await agent.does("ready")
            await (await phone.ringing()).answer()
            await agent.is_in("talking")
            assert await caller.hears(phone.tone)


async def test_first_of_all_phones_to_answer_gets_the_call(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """Ring-all: the other phone stops, and its agent is ready as before."""
    centre = Centre(agents={"1001": {}, "1002": {}}, groups={"desk": {"strategy": "ring-all"}})
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip:
        phones = [await sip.phone(agent) for agent in centre.agents]
        async with daemon(centre, adapter_toml(pbx), tmp_path) as acd, acd.agents(*centre.agents) as [one, two]:
            caller = await sip.dial("8001")
            rings = [await phone.ringing() for phone in phones]
            await rings[1].answer()
            await two.is_in("talking")
            await rings[0].cancelled()
            await one.is_in("ready")
            assert await caller.hears(phones[1].tone)
