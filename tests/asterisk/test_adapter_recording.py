"""Calls are recorded by a real Asterisk: what is in the files, and where they are."""

from contextlib import suppress
from pathlib import Path

import pytest
import trio

from acd.commands import ChangeMonitor, KeepWaiting, Record, ReleaseCall
from acd.events import (
    CallArrived,
    CallerLeft,
    Intercepted,
    MonitorEnded,
    MonitorMode,
    OfferAccepted,
    PbxLost,
    PhoneLeft,
    RecordingFailed,
    RecordingStarted,
    RecordingWord,
)
from acd.ids import AgentId, GroupId
from acd.settings import RecordingSettings
from tests.asterisk.relay import relay_to
from tests.asterisk.scripted_core import linked
from tests.asterisk.talks import MONITOR, Talk, a_talk, desk, talk_with
from tests.pbx.asterisk import AsteriskServer
from tests.pbx.fixtures import BootPbx
from tests.pbx.loopback import AMI_PORT
from tests.pbx.recordings import seconds_of, tones_of

pytestmark = pytest.mark.asterisk

START, PAUSE, RESUME, STOP = RecordingWord.START, RecordingWord.PAUSE, RecordingWord.RESUME, RecordingWord.STOP
PLAIN = RecordingSettings(file="{call}")
WHILE_S = 1.0
"""How long each part of a recorded talk lasts."""
GAP_MS_MAX = 400
BOTH = "agent+caller"


def _record(talk: Talk, word: RecordingWord) -> None:
    talk.core.send(Record(talk.call, word, GroupId("sales"), AgentId("agent-1")))


async def _recorded(talk: Talk) -> Path:
    """Begin to record: the file."""
    _record(talk, START)
    started = await talk.core.hears(RecordingStarted)
    assert started.call == talk.call
    return Path(started.path)


async def _ended(talk: Talk, path: Path) -> None:
    """Hang up, and wait until the file is closed: then Asterisk holds it no more."""
    await talk.caller.hang_up()
    await talk.core.hears(CallerLeft)
    await _closed(talk.pbx, path)


async def _closed(pbx: AsteriskServer, path: Path) -> None:
    with trio.fail_after(5):
        while str(path) in _open_files(pbx):  # noqa: ASYNC110  a file has no event
            await trio.sleep(0.05)


def _open_files(pbx: AsteriskServer) -> set[str]:
    return {name for link in Path(f"/proc/{pbx.pid}/fd").iterdir() for name in _target(link)}


def _target(link: Path) -> list[str]:
    """Where it leads, unless it has been closed since it was seen."""
    with suppress(FileNotFoundError):
        return [str(link.readlink())]
    return []


async def test_caller_and_agent_are_in_the_file_and_no_music(boot_pbx: BootPbx) -> None:
    """With the settings as they are: under date and group; the path is that on Asterisk's machine."""
    async with a_talk(boot_pbx) as talk:
        path = await _recorded(talk)
        monitor = talk.pbx.folder / "spool/monitor"
        date, group, name = path.relative_to(monitor).parts
        assert (len(date), group, name[7:]) == (10, "sales", f"{talk.call}.wav")
        await trio.sleep(WHILE_S)
        await _ended(talk, path)
        assert tones_of(path, talk.tones) == [BOTH]
        assert seconds_of(path) > WHILE_S * 0.8


async def test_the_talk_has_a_gap_of_a_moment_when_it_begins(boot_pbx: BootPbx) -> None:
    """And both hear each other again; a phone's end is the talk's end as ever."""
    async with a_talk(boot_pbx) as talk:
        talk.caller.sound.restart()
        talk.agent.sound.restart()
        await trio.sleep(0.1)  # so that what comes before counts for the gap
        await _recorded(talk)
        await talk.is_heard(caller="agent", agent="caller")
        assert talk.caller.sound.received.longest_gap_ms < GAP_MS_MAX
        assert talk.agent.sound.received.longest_gap_ms < GAP_MS_MAX
        await talk.agent.hang_up()
        await talk.core.hears_exactly(PhoneLeft(talk.offer))
        talk.core.send(ReleaseCall(talk.call))
        await talk.core.hears_exactly(CallerLeft(talk.call))


async def test_start_in_the_very_moment_of_the_answer(boot_pbx: BootPbx) -> None:
    """As the core does it, many times: both hear each other, and are recorded."""
    async with a_talk(boot_pbx, PLAIN) as talk:
        await talk.caller.hang_up()
        await talk.core.hears(CallerLeft)
        for _ in range(15):
            call, caller = await talk.core.waiting_call(talk.sip)
            offer = talk.core.offer(call)
            ring = await talk.phone.ringing()
            await ring.answer()
            await talk.core.hears_exactly(OfferAccepted(offer))
            talk.core.send(Record(call, START, GroupId("sales"), AgentId("agent-1")))
            path = Path((await talk.core.hears(RecordingStarted)).path)
            talk.parties = {"caller": caller, "agent": ring}
            await talk.is_heard(caller="agent", agent="caller")
            await caller.hang_up()
            await talk.core.hears_exactly(CallerLeft(call))
            await _closed(talk.pbx, path)
            assert tones_of(path, talk.tones)[-1:] == [BOTH]


async def test_what_is_said_in_a_pause_is_not_in_the_file(boot_pbx: BootPbx) -> None:
    """And resume goes on in it."""
    async with a_talk(boot_pbx, PLAIN) as talk:
        path = await _recorded(talk)
        await trio.sleep(WHILE_S)
        _record(talk, PAUSE)
        await talk.is_heard(caller="agent", agent="caller")
        await trio.sleep(WHILE_S)
        _record(talk, RESUME)
        await trio.sleep(WHILE_S)
        await _ended(talk, path)
        assert tones_of(path, talk.tones) == [BOTH]
        assert seconds_of(path) < 3 * WHILE_S
        assert talk.core.hears_no_more()


async def test_stop_and_start_again_into_the_same_file(boot_pbx: BootPbx) -> None:
    """What is said between is not in it."""
    async with a_talk(boot_pbx, PLAIN) as talk:
        path = await _recorded(talk)
        await trio.sleep(WHILE_S)
        _record(talk, STOP)
        await _closed(talk.pbx, path)
        before_s = seconds_of(path)
        await trio.sleep(WHILE_S)
        assert seconds_of(path) == before_s
        assert await _recorded(talk) == path
        await trio.sleep(WHILE_S)
        await _ended(talk, path)
        assert tones_of(path, talk.tones) == [BOTH]
        assert before_s + WHILE_S * 0.8 < seconds_of(path) < before_s + WHILE_S * 2


async def test_started_twice_is_one_recorder(boot_pbx: BootPbx) -> None:
    """Told twice, with the same file; also when both come at once. A pause is over by it."""
    async with a_talk(boot_pbx, PLAIN) as talk:
        _record(talk, START)
        path = await _recorded(talk)
        _record(talk, PAUSE)
        assert await _recorded(talk) == path
        listed = await talk.pbx.cli(f"mixmonitor list {await _channel_of_the_caller(talk.pbx)}")
        assert listed.count("0x") == 1
        await trio.sleep(WHILE_S)
        await _ended(talk, path)
        assert tones_of(path, talk.tones)[-1] == BOTH
        assert talk.core.hears_no_more()


async def test_a_call_that_comes_back_is_recorded_on_without_the_music(boot_pbx: BootPbx) -> None:
    """Into the same file, with nothing of the wait in it."""
    async with a_talk(boot_pbx, PLAIN) as talk:
        path = await _recorded(talk)
        await trio.sleep(WHILE_S)
        await talk.agent.hang_up()
        await talk.core.hears_exactly(PhoneLeft(talk.offer))
        await _talk_again(talk)
        await trio.sleep(WHILE_S)
        await _ended(talk, path)
        assert tones_of(path, talk.tones) == [BOTH]
        assert seconds_of(path) < 4 * WHILE_S


async def test_a_paused_call_that_comes_back_stays_paused_until_it_is_resumed(boot_pbx: BootPbx) -> None:
    """The dialplan, which makes recorders anew, doesn't wake it."""
    async with a_talk(boot_pbx, PLAIN) as talk:
        path = await _recorded(talk)
        await trio.sleep(WHILE_S)
        _record(talk, PAUSE)
        await _closed(talk.pbx, path)
        before_s = seconds_of(path)
        await talk.agent.hang_up()
        await talk.core.hears_exactly(PhoneLeft(talk.offer))
        await _talk_again(talk)
        await trio.sleep(WHILE_S)
        assert seconds_of(path) == before_s
        _record(talk, RESUME)
        await trio.sleep(WHILE_S)
        await _ended(talk, path)
        assert tones_of(path, talk.tones) == [BOTH]
        assert before_s + WHILE_S / 2 < seconds_of(path) < before_s + 2 * WHILE_S


async def _talk_again(talk: Talk) -> None:
    """The caller, left by the phone, goes back to the line and talks with it again."""
    talk.core.send(KeepWaiting(talk.call))
    assert await talk.caller.hears_music()
    await trio.sleep(WHILE_S)
    talk.offer = talk.core.offer(talk.call)
    talk.parties["agent"] = ring = await talk.phone.ringing()
    await ring.answer()
    await talk.core.hears_exactly(OfferAccepted(talk.offer))
    await talk.is_heard(caller="agent", agent="caller")


async def test_start_while_the_caller_waits_begins_with_the_next_talk(boot_pbx: BootPbx) -> None:
    """It is told then."""
    async with a_talk(boot_pbx, PLAIN) as talk:
        await talk.agent.hang_up()
        await talk.core.hears_exactly(PhoneLeft(talk.offer))
        talk.core.send(KeepWaiting(talk.call))
        assert await talk.caller.hears_music()
        _record(talk, START)
        offer = talk.core.offer(talk.call)
        talk.parties["agent"] = ring = await talk.phone.ringing()
        await ring.answer()
        await talk.core.hears_exactly(OfferAccepted(offer))
        path = Path((await talk.core.hears(RecordingStarted)).path)
        await talk.is_heard(caller="agent", agent="caller")
        await _ended(talk, path)
        assert tones_of(path, talk.tones) == [BOTH]


async def test_a_supervisors_words_are_recorded_as_the_caller_hears_them(boot_pbx: BootPbx) -> None:
    """Not when whispered; when barged in, and when the caller is taken over."""
    async with a_talk(boot_pbx, PLAIN) as talk:
        path = await _recorded(talk)
        await talk.watched(MonitorMode.WHISPER)
        await trio.sleep(WHILE_S)
        talk.core.send(ChangeMonitor(MONITOR, MonitorMode.INTERCEPT))
        await talk.core.hears_exactly(Intercepted(MONITOR))
        await talk.is_heard(caller="supervisor", supervisor="caller")
        await trio.sleep(WHILE_S)
        await talk.caller.hang_up()
        await talk.core.hears_in_any_order(CallerLeft(talk.call), MonitorEnded(MONITOR))
        await _closed(talk.pbx, path)
        assert tones_of(path, talk.tones)[0] == BOTH
        assert tones_of(path, talk.tones)[-1] == "caller+supervisor"


@pytest.mark.parametrize("file_format", ["wav", "ulaw", "gsm", "wav49", "sln"])
async def test_formats(boot_pbx: BootPbx, file_format: str) -> None:
    """Each makes a file, whose very name is told."""
    settings = RecordingSettings.model_validate({"file": "{call}", "format": file_format})
    async with a_talk(boot_pbx, settings) as talk:
        path = await _recorded(talk)
        assert path.suffix == {"wav49": ".WAV"}.get(file_format, f".{file_format}")
        await trio.sleep(WHILE_S)
        await _ended(talk, path)
        assert path.stat().st_size > 1000
        if file_format in ("wav", "ulaw"):
            assert tones_of(path, talk.tones) == [BOTH]


async def test_a_folder_of_ones_own(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """It is made if it isn't there."""
    settings = RecordingSettings(folder=str(tmp_path / "calls"), file="{year}/{month}/{agent}-{caller_number}-{call}")
    async with a_talk(boot_pbx, settings) as talk:
        path = await _recorded(talk)
        assert path.parent.parent.parent == tmp_path / "calls"
        assert path.name == f"agent-1-13800000001-{talk.call}.wav"


async def test_a_folder_that_cannot_be_written_is_told_and_the_talk_goes_on(boot_pbx: BootPbx) -> None:
    """Again and again, with what to do; and no recorder is left that runs."""
    async with a_talk(boot_pbx, RecordingSettings(folder="/proc/nowhere", file="{call}")) as talk:
        for _ in range(2):
            _record(talk, START)
            failed = await talk.core.hears(RecordingFailed)
            assert f"can't write /proc/nowhere/{talk.call}.wav" in failed.why
            await talk.is_heard(caller="agent", agent="caller")
            assert "0x" not in await talk.pbx.cli(f"mixmonitor list {await _channel_of_the_caller(talk.pbx)}")
        for word in (PAUSE, RESUME, STOP):
            _record(talk, word)
            await talk.core.hears_exactly(RecordingFailed(talk.call, "the call isn't recorded"))


async def test_without_the_recorders_module_it_is_told_and_the_talk_goes_on(boot_pbx: BootPbx) -> None:
    """Not the caller pays for it."""
    async with a_talk(boot_pbx, PLAIN) as talk:
        await talk.pbx.cli("module unload app_mixmonitor.so")
        _record(talk, START)
        assert "app_mixmonitor" in (await talk.core.hears(RecordingFailed)).why
        await talk.is_heard(caller="agent", agent="caller")


@pytest.mark.parametrize(
    "number", ["../../../tmp/x", "a,b%7cc%5ed(e)$f%7bg%7d", "1380000;System(id)", "..", "%e6%96%87"]
)
async def test_a_caller_cannot_choose_the_file(boot_pbx: BootPbx, number: str) -> None:
    """Whatever number is shown and whatever is dialled: one file, in its folder, and a talk that goes on."""
    settings = RecordingSettings(file="{caller_number}/{entry}-{call}")
    async with desk(boot_pbx, "exten => 7001,1,Set(ACD_ENTRY=../x)\n same => n,Goto(acd-entry,s,1)") as (pbx, sip):
        async with linked(pbx, recording=settings) as core:
            sip.outside.tone = 2010
            caller = await sip.dial("7001", from_number=number.replace(";", "%3b"))
            call = (await core.hears(CallArrived)).call
            offer = core.offer(call)
            ring = await sip.phones["1001"].ringing()
            await ring.answer()
            await core.hears_exactly(OfferAccepted(offer))
            core.send(Record(call, START, GroupId("sales"), AgentId("agent-1")))
            path = Path((await core.hears(RecordingStarted)).path)
            assert ".." not in path.parts
            assert path.parent.parent == pbx.folder / "spool/monitor"
            assert await ring.hears(2010)
            await caller.hang_up()
            await core.hears_exactly(CallerLeft(call))
            files = [each for each in (pbx.folder / "spool").rglob("*") if each.is_file()]
            assert files == [path]


async def test_records_on_while_the_daemon_is_away(boot_pbx: BootPbx) -> None:
    """And what was begun while the link was lost is told when it is found, once."""
    async with desk(boot_pbx) as (pbx, sip), relay_to(pbx.address, AMI_PORT) as wire:
        async with linked(pbx, recording=PLAIN, host="127.0.0.1", port=wire.port, answer_s_max=1.0) as core:
            talk = await talk_with(core, sip, pbx)
            wire.hold(only_down=True)
            _record(talk, START)
            await core.hears(PbxLost)
            wire.release()
            assert [event for event in await core.until_found() if not isinstance(event, CallArrived)] == []
            path = Path((await core.hears(RecordingStarted)).path)
            await trio.sleep(WHILE_S)
            assert core.hears_no_more()
        await talk.caller.hang_up()
        await _closed(pbx, path)
        assert tones_of(path, talk.tones) == [BOTH]


async def test_a_call_that_is_gone_is_not_recorded(boot_pbx: BootPbx) -> None:
    """The word crossed its end: nothing is told of it."""
    async with a_talk(boot_pbx) as talk:
        await talk.caller.hang_up()
        _record(talk, START)
        await talk.core.hears_exactly(CallerLeft(talk.call))
        _record(talk, START)
        _record(talk, STOP)
        await talk.core.waiting_call(talk.sip)
        assert talk.core.hears_no_more()


async def _channel_of_the_caller(pbx: AsteriskServer) -> str:
    channels = (await pbx.cli("core show channels concise")).splitlines()
    [caller] = [line.split("!")[0] for line in channels if line.startswith("PJSIP/trunk")]
    return caller
