"""The three that are compared, on one Asterisk and the same phones: each has a number that callers dial."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from tests.daemon import Centre, Client, daemon
from tests.pbx.asterisk import AsteriskServer
from tests.pbx.settings import PbxSettings

NUMBERS = {"ours": "8001", "app_queue": "8002", "bare_script": "8003"}
"""Side -> the number that its callers dial."""
SHIPPED = Path(__file__).resolve().parents[1] / "config" / "asterisk"
OUR_SECRET, BARE_SECRET = "change-this-secret", "bare-secret"
READY_S_MAX = 10.0

DIALPLAN = """
#include "switchyard/extensions-acd.conf"

[from-trunk]
exten => 8001,1,Goto(acd-entry,${EXTEN},1)

exten => 8002,1,Answer(,i)
 same => n,Queue(bench)
 same => n,Hangup()

exten => 8003,1,Answer(,i)
 same => n,UserEvent(BareWait,Call: ${UNIQUEID},Number: ${CALLERID(num)})
 same => n(music),MusicOnHold(default,30)
 same => n,Goto(music)

[bare-fetch]
exten => s,1,Bridge(${BARE_CALLER},F(bare-after^s^1))
 same => n,Hangup()

[bare-after]
exten => s,1,Hangup()

[bare-free]
exten => s,1,UserEvent(BareFree,Device: ${BARE_DEVICE})
 same => n,Return()
"""

# What docs/operations.md advises large centres to turn off: Asterisk has less to do for all three.
DISABLED = (
    "Newexten,VarSet,HangupHandlerPush,HangupHandlerRun,HangupHandlerPop,Newstate,NewConnectedLine,NewCallerid,Newchannel,"
    "Hangup,SoftHangupRequest,DialBegin,DialState,DialEnd,BridgeCreate,BridgeEnter,BridgeLeave,BridgeDestroy,"
    "MusicOnHoldStart,MusicOnHoldStop,QueueMemberStatus,RTCPSent,RTCPReceived"
)

MANAGER = f"""
[general](+)
disabledevents = {DISABLED}

#include "switchyard/manager-acd.conf"

[bare]
secret = {BARE_SECRET}
read = call,user
write = call,originate,reporting
eventfilter(action(include),name(UserEvent),header(UserEvent),method(starts_with)) = Bare
"""

# app_queue at its best: every idle member is rung at once for the next caller, no pause is asked for anywhere, and
# nothing is announced or looked up. `retry` is 1 s because 0 is taken for the default of 5.
QUEUES = """
[general]
persistentmembers = no
autofill = yes
shared_lastcall = no
updatecdr = no

[bench]
strategy = rrmemory
autofill = yes
ringinuse = no
wrapuptime = 0
retry = 1
timeout = 20
timeoutrestart = no
memberdelay = 0
announce-frequency = 0
periodic-announce-frequency = 0
announce-holdtime = no
announce-position = no
reportholdtime = no
setinterfacevar = no
setqueuevar = no
joinempty = yes
leavewhenempty = no
"""


def pbx_settings(phones: int) -> PbxSettings:
    """One Asterisk for all three, which writes as little log as it can."""
    extensions = PbxSettings(phones=phones).extensions()
    members = "\n".join(f"member => PJSIP/{each}" for each in extensions)
    return PbxSettings(
        phones=phones,
        verbose=0,
        folders={"switchyard": SHIPPED},
        append={"extensions.conf": DIALPLAN, "manager.conf": MANAGER, "queues.conf": f"{QUEUES}\n{members}"},
    )


@asynccontextmanager
async def all_sides(pbx: AsteriskServer, folder: Path) -> AsyncIterator[None]:
    """All three stand by, their agents ready, for the length of the block; `folder` takes the daemon's files."""
    agents = pbx.settings.extensions()
    async with our_daemon(pbx, agents, folder), bare_script(pbx, agents):
        yield


@asynccontextmanager
async def our_daemon(pbx: AsteriskServer, agents: Sequence[str], folder: Path) -> AsyncIterator[list[Client]]:
    """`acd serve` as shipped, and every agent's client logged in and ready over the agents' protocol."""
    centre = Centre(agents={agent: {} for agent in agents}, groups={"desk": {"wrap_up_s": 0}})
    adapter = (
        f'adapter = "asterisk"\n[asterisk]\nhost = "{pbx.address}"\nport = {pbx.ami_port}\nsecret = "{OUR_SECRET}"'
    )
    async with daemon(centre, adapter, folder) as acd, acd.agents(*agents) as clients:
        yield clients


@asynccontextmanager
async def bare_script(pbx: AsteriskServer, agents: Sequence[str]) -> AsyncIterator[None]:
    """The bare script in a process of its own, linked."""
    command = [sys.executable, "-m", "benchmarks.bare_script", "--host", pbx.address, "--port", str(pbx.ami_port)]
    command += ["--secret", BARE_SECRET, *(f"PJSIP/{agent}" for agent in agents)]
    process = await trio.lowlevel.open_process(command, stdout=subprocess.PIPE)
    try:
        with trio.fail_after(READY_S_MAX):
            assert process.stdout is not None
            if not await process.stdout.receive_some():
                raise RuntimeError("the bare script ended before it was ready")
        yield
    finally:
        with trio.CancelScope(shield=True):
            process.kill()
            await process.wait()
