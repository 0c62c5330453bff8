"""What strangers, users and operators get wrong: a clear message, and nothing is lost."""

from pathlib import Path

import pytest
import trio

from tests.asterisk.house import adapter_toml, house
from tests.asterisk.scripted_core import acd_pbx
from tests.daemon import Centre, daemon, http_get, http_status, until_true
from tests.pbx.fixtures import BootPbx
from tests.pbx.phone import telephones

pytestmark = pytest.mark.asterisk

DESK = Centre(agents={"1001": {}})
FORGED = (
    "555%0d%0aPrivilege%3a%20call,all%0d%0a%0d%0aEvent%3a%20OriginateResponse%0d%0aResponse%3a%20Success%0d%0a%0d%0a"
)


async def test_forged_events_do_not_get_through_and_the_link_stays_up(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """A From with line breaks in number and name: the call is an ordinary one, and nothing else is heard."""
    async with house(boot_pbx, DESK, tmp_path) as at, at.acd.agents("1001") as [agent]:
        forged = f'"x%0d%0aEvent%3a UserEvent" <sip:{FORGED}@{at.pbx.addresses.trunk}>'
        caller = await at.sip.dial("8001", from_header=forged)
        ring = await at.phones[0].ringing()
        offer = await agent.sees("offer")
        for value in (offer["caller_number"], offer["caller_name"], ring.invite.header("From")):
            assert "\r" not in value
            assert "\n" not in value
        assert offer["caller_number"].startswith("555")
        await ring.answer()
        await agent.is_in("talking")
        await caller.hang_up()
        await agent.is_in("wrap-up")
        await at.acd.logs("agent changed", state="wrap-up")
        links = [entry for entry in at.acd.logged() if entry["event"] == "PBX changed"]
        assert [entry["why_lost"] for entry in links] == [None]


@pytest.mark.parametrize("name", ["一些汉字", 'Müller "der Große"', "a,b;c|d", "${EXTEN} $[1+1]", "', Goto(x,1,1)"])
async def test_callers_name_reaches_the_client(boot_pbx: BootPbx, tmp_path: Path, name: str) -> None:
    """Letters of every alphabet arrive whole; what a dialplan or AMI might take for a word of its own is left out."""
    async with house(boot_pbx, DESK, tmp_path) as at, at.acd.agents("1001") as [agent]:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        await at.sip.dial("8001", from_header=f'"{quoted}" <sip:13800000001@{at.pbx.addresses.trunk}>')
        offer = await agent.sees("offer")
        letters = [sign for sign in name if sign.isalnum()]
        assert [sign for sign in offer["caller_name"] if sign.isalnum()] == letters
        assert offer["caller_number"] == "13800000001"


async def test_wrong_manager_secret_is_said_and_mended_by_the_right_one(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """/readyz says where, who and what to change; the secret itself is in no log."""
    async with boot_pbx(acd_pbx()) as pbx:
        async with daemon(DESK, adapter_toml(pbx, secret="not-the-secret"), tmp_path, start=False) as acd:
            await acd.start(until="/healthz")
            answer = await _unready(acd.address, "refuses user")
            assert "503" in answer
            assert pbx.address in answer
            assert "manager.conf" in answer
            assert "not-the-secret" not in acd.log.read_text()


async def test_asterisk_absent_at_start_is_said_and_routing_begins_when_it_comes(
    boot_pbx: BootPbx, tmp_path: Path
) -> None:
    """Agents can log in meanwhile, and the first caller rings one."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip:
        await pbx.stop()
        async with daemon(DESK, adapter_toml(pbx), tmp_path, start=False) as acd:
            await acd.start(until="/healthz")
            assert "503" in await _unready(acd.address, "5038")
            async with acd.agents("1001") as [agent]:
                await pbx.start()
                phone = await sip.phone("1001")
                with trio.fail_after(15):
                    await until_true(lambda: http_status(acd.address, "/readyz"), 200)
                await sip.dial("8001")
                await (await phone.ringing()).answer()
                await agent.is_in("talking")


async def test_unknown_entry_point_is_refused_and_said(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """The caller isn't left in the music for ever; the log says which number it was."""
    async with house(boot_pbx, DESK, tmp_path) as at, at.acd.client("lead") as lead:
        caller = await at.sip.dial("8999")
        assert (await lead.sees("finished"))["outcome"] == "refused"
        await caller.ended(10)
        refused = await at.acd.logs("call refused")
        assert "'8999'" in refused["detail"]


async def _unready(address: str, word: str) -> str:
    """The answer of /readyz once it speaks of `word`."""
    with trio.fail_after(10):
        await until_true(lambda: _speaks_of(address, word), True)
    return (await http_get(address, "/readyz")).decode()


async def _speaks_of(address: str, word: str) -> bool:
    return word in (await http_get(address, "/readyz")).decode()
