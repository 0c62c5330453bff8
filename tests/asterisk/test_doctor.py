"""The doctor beside a real Asterisk: it finds what is broken, and following its advice mends it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import trio

from acd.doctor.command import TABLES, examined
from acd.doctor.findings import Finding, Verdict, worst
from acd.explain.words import Words
from tests.asterisk.house import adapter_toml
from tests.asterisk.scripted_core import acd_pbx
from tests.daemon import Centre, daemon
from tests.pbx.asterisk import AsteriskServer
from tests.pbx.fixtures import BootPbx
from tests.pbx.phone import Telephones, telephones
from tests.pbx.settings import PbxSettings

pytestmark = pytest.mark.asterisk

SECRET = "a-secret-of-this-test"
MANAGER, DIALPLAN = "switchyard/manager-acd.conf", "switchyard/extensions-acd.conf"
CENTRE = Centre(agents={"1001": {}, "1002": {}})
RELOADS = {"manager": "manager reload", "extensions": "dialplan reload", "musiconhold": "moh reload"}
"""Part of a file's name -> how Asterisk reads it again."""
ENGLISH = Words("en", tables=TABLES)


@dataclass
class Patient:
    """An Asterisk with our files, and a configuration for it."""

    pbx: AsteriskServer
    sip: Telephones
    config: Path

    async def edit(self, name: str, old: str, new: str) -> None:
        """Change a file of Asterisk's and let it be read."""
        path = self.pbx.folder / "etc" / name
        text = path.read_text()
        assert old in text, f"{name} has no {old!r}"
        path.write_text(text.replace(old, new))
        [reload] = (command for part, command in RELOADS.items() if part in name)
        await self.pbx.cli(reload)

    async def found(self, check: str) -> list[Finding]:
        """What the doctor finds by that check."""
        return [each for each in await examined(self.config) if each.check == check]

    async def has(self, check: str, verdict: Verdict, *said: str) -> None:
        """The check gives that verdict, and its words hold all of `said`."""
        [finding] = await self.found(check)
        told = f"{finding.found(ENGLISH)} -> {finding.advice(ENGLISH)}"
        assert finding.verdict is verdict, told
        assert [part for part in said if part not in told] == [], told

    async def is_well(self, *checks: str) -> None:
        findings = [each for each in await examined(self.config) if each.check in checks]
        verdicts = [(each.check, each.verdict) for each in findings]
        assert verdicts == [(check, Verdict.OK) for check in checks], [each.found(ENGLISH) for each in findings]


@asynccontextmanager
async def patient(
    boot_pbx: BootPbx, folder: Path, centre: Centre = CENTRE, settings: PbxSettings | None = None
) -> AsyncIterator[Patient]:
    """Healthy: both phones are there, nothing is the example's."""
    async with boot_pbx(settings or acd_pbx()) as pbx, telephones(pbx) as sip:
        for number in ("1001", "1002"):
            await sip.phone(number)
        config = folder / "acd.toml"
        config.write_text(centre.toml(adapter_toml(pbx, SECRET), folder / "journal.jsonl"))
        config.chmod(0o640)
        here = Patient(pbx, sip, config)
        await here.edit(MANAGER, "change-this-secret", SECRET)
        yield here


async def test_a_healthy_one_is_well_in_every_respect(boot_pbx: BootPbx, tmp_path: Path) -> None:
    async with patient(boot_pbx, tmp_path) as here:
        findings = await examined(here.config)
        told = [(each.check, each.verdict, each.found(ENGLISH)) for each in findings]
        assert worst(findings) is Verdict.OK, told
        warned = [line for line in here.pbx.log.read_text().splitlines() if "WARNING" in line and "acd" in line]
        assert warned == [], "a look leaves no warning in Asterisk's log"


async def test_beside_a_running_daemon_it_disturbs_nothing(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """The daemon keeps hearing its events: a call that came before is offered, and one that comes after, too."""
    async with patient(boot_pbx, tmp_path) as here, daemon(CENTRE, adapter_toml(here.pbx, SECRET), tmp_path) as acd:
        async with acd.client("lead") as lead:
            before = await here.sip.dial("8001")
            await lead.sees("call", entry="8001", state="waiting")
            findings = await examined(here.config)
            assert worst(findings) is Verdict.OK, findings
            after = await here.sip.dial("8001")
            await lead.sees("call", entry="8001", state="waiting")
            assert await before.hears_music()
            assert await after.hears_music()
        await acd.logs("pbx found")
        assert [each["event"] for each in acd.logged() if "pbx" in str(each["event"])] == ["pbx found"]


async def test_the_command_ends_with_1_for_a_problem_and_speaks_both_languages(
    boot_pbx: BootPbx, tmp_path: Path
) -> None:
    async with patient(boot_pbx, tmp_path) as here:
        good = await doctor(here.config)
        assert (good.returncode, good.stderr) == (0, b"")
        await here.pbx.stop()
        bad = await doctor(here.config)
        assert bad.returncode == 1
        assert "PROBLEM  Asterisk" in bad.stdout.decode()
        chinese = await doctor(here.config, "--lang", "zh")
        assert "启动 Asterisk" in chinese.stdout.decode()
        as_json = await doctor(here.config, "--json")
        assert '"verdict": "problem"' in as_json.stdout.decode()


async def doctor(config: Path, *options: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "acd", "doctor", "-c", str(config), *options]
    with trio.fail_after(20):
        return await trio.run_process(command, capture_stdout=True, capture_stderr=True, check=False)


# --- the way to Asterisk --------------------------------------------------------------------------------------------


async def test_asterisk_down(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """The rest is not asked, and says so."""
    async with patient(boot_pbx, tmp_path) as here:
        await here.pbx.stop()
        await here.has("reach", Verdict.PROBLEM, "nobody listens at", "Start Asterisk", "enabled = yes")
        await here.has("phones", Verdict.SKIPPED, "Asterisk isn't reached")
        await here.pbx.start()
        await here.is_well("reach")


async def test_asterisk_frozen(boot_pbx: BootPbx, tmp_path: Path) -> None:
    async with patient(boot_pbx, tmp_path) as here:
        here.config.write_text(here.config.read_text().replace("[asterisk]", "[asterisk]\nanswer_s_max = 0.5"))
        here.pbx.pause()
        await here.has("reach", Verdict.PROBLEM, "is silent for 0.5 s", "Asterisk hangs")
        here.pbx.resume()
        await here.is_well("reach")


async def test_wrong_secret(boot_pbx: BootPbx, tmp_path: Path) -> None:
    async with patient(boot_pbx, tmp_path) as here:
        good = here.config.read_text()
        here.config.write_text(good.replace(SECRET, "a-wrong-one"))
        await here.has(
            "login", Verdict.PROBLEM, "user switchyard is refused", "User and secret", "failed to authenticate"
        )
        await here.has("rights", Verdict.SKIPPED, "there is no login")
        assert "failed to authenticate as" in here.pbx.log.read_text()
        here.config.write_text(good)
        await here.is_well("login")


async def test_no_such_user(boot_pbx: BootPbx, tmp_path: Path) -> None:
    async with patient(boot_pbx, tmp_path) as here:
        await here.edit("manager.conf", "#include", ";#include")
        await here.has("login", Verdict.PROBLEM, "which manager.conf must include", "nonexistent user")
        assert "nonexistent user" in here.pbx.log.read_text()
        await here.edit("manager.conf", ";#include", "#include")
        await here.is_well("login")


async def test_our_address_is_not_permitted(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """Asterisk says it no more than of a wrong secret: the advice names our address, and the word in its log."""
    async with patient(boot_pbx, tmp_path) as here:
        await here.edit(MANAGER, "permit = 127.0.0.1/255.255.255.255", "permit = 10.0.0.1/255.255.255.255")
        await here.has("login", Verdict.PROBLEM, "deny and permit must let 127.", "failed to pass IP ACL")
        assert "failed to pass IP ACL" in here.pbx.log.read_text()
        await here.edit(MANAGER, "permit = 10.0.0.1", "permit = 127.0.0.1")
        await here.is_well("login")


# --- rights ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("without", "actions"),
    [("originate", "Originate"), ("call", "Hangup, Redirect, Setvar"), ("reporting", "ShowDialPlan")],
)
async def test_a_right_missing(boot_pbx: BootPbx, tmp_path: Path, without: str, actions: str) -> None:
    async with patient(boot_pbx, tmp_path) as here:
        write = "call,originate,reporting"
        less = ",".join(each for each in write.split(",") if each != without)
        await here.edit(MANAGER, f"write = {write}", f"write = {less}")
        await here.has("rights", Verdict.PROBLEM, f"may not do: {actions}", f"manager-acd.conf: {without}")
        await here.edit(MANAGER, f"write = {less}", f"write = {less},{without}")
        await here.is_well("rights")


@pytest.mark.parametrize(
    ("more", "first"),
    [("all", "Command, GetConfig"), ("call,originate,reporting,system", "GetConfig, ModuleLoad, Reload")],
)
async def test_more_rights_than_needed(boot_pbx: BootPbx, tmp_path: Path, more: str, first: str) -> None:
    async with patient(boot_pbx, tmp_path) as here:
        await here.edit(MANAGER, "write = call,originate,reporting", f"write = {more}")
        await here.has("more-rights", Verdict.WARNING, f"more than Switchyard needs: {first}")
        await here.is_well("rights")
        await here.edit(MANAGER, f"write = {more}", "write = call,originate,reporting")
        await here.is_well("more-rights")


@pytest.mark.parametrize(
    ("read", "said"), [("call", "(UserEvent)"), ("user", "(OriginateResponse)"), ("dtmf", "no events at all")]
)
async def test_a_right_to_hear_missing(boot_pbx: BootPbx, tmp_path: Path, read: str, said: str) -> None:
    async with patient(boot_pbx, tmp_path) as here:
        await here.edit(MANAGER, "read = call,user", f"read = {read}")
        await here.has("events", Verdict.PROBLEM, said, "then `manager reload`")
        await here.edit(MANAGER, f"read = {read}", "read = call,user")
        await here.is_well("events")


async def test_a_filter_that_holds_our_own_events_back(boot_pbx: BootPbx, tmp_path: Path) -> None:
    async with patient(boot_pbx, tmp_path) as here:
        text = (here.pbx.folder / "etc" / MANAGER).read_text()
        await here.edit(MANAGER, "method(starts_with)) = ACD", "method(starts_with)) = Other")
        await here.edit(MANAGER, "UserEvent: ACD", "UserEvent: Other")
        await here.has("events", Verdict.PROBLEM, "(UserEvent)", "eventfilter")
        await here.edit(MANAGER, (here.pbx.folder / "etc" / MANAGER).read_text(), text)
        await here.is_well("events")


async def test_no_filter(boot_pbx: BootPbx, tmp_path: Path) -> None:
    async with patient(boot_pbx, tmp_path) as here:
        await here.edit(MANAGER, "\neventfilter", "\n;eventfilter")
        await here.has("filter", Verdict.WARNING, "also hears", "Newchannel", "Put the eventfilter lines")
        await here.edit(MANAGER, "\n;eventfilter", "\neventfilter")
        await here.is_well("filter")


# --- dialplan, modules, music ---------------------------------------------------------------------------------------


async def test_no_include(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """What depends on it isn't told as broken, too."""
    async with patient(boot_pbx, tmp_path) as here:
        await here.edit("extensions.conf", "#include", ";#include")
        await here.has("dialplan", Verdict.PROBLEM, '#include "switchyard/extensions-acd.conf"', "dialplan reload")
        await here.has("modules", Verdict.SKIPPED)
        await here.has("events", Verdict.SKIPPED, "can't be tried without our dialplan")
        await here.edit("extensions.conf", ";#include", "#include")
        await here.is_well("dialplan")


async def test_an_old_dialplan(boot_pbx: BootPbx, tmp_path: Path) -> None:
    async with patient(boot_pbx, tmp_path) as here:
        await here.edit(DIALPLAN, "exten => version-", "exten => version-0")
        await here.has("dialplan", Verdict.PROBLEM, "it is version-0", "Copy extensions-acd.conf anew")
        await here.edit(DIALPLAN, "exten => version-0", "exten => version-")
        await here.is_well("dialplan")


async def test_a_dialplan_from_before_the_doctor(boot_pbx: BootPbx, tmp_path: Path) -> None:
    async with patient(boot_pbx, tmp_path) as here:
        await here.edit(DIALPLAN, "[acd-doctor]", "[acd-nobody]")
        await here.has("dialplan", Verdict.WARNING, "from before the doctor")


MODULES = (
    "func_strings",
    "func_logic",
    "func_callerid",
    "func_channel",
    "func_global",
    "app_exec",
    "app_playback",
    "app_stack",
    "app_channelredirect",
    "bridge_simple",
)
"""That can be unloaded."""
EXTRA_MODULES = ("app_chanspy", "app_mixmonitor", "func_env")


async def test_each_module_missing_is_named(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """And `module load` brings it back."""
    async with patient(boot_pbx, tmp_path) as here:
        for module in MODULES:
            await here.pbx.cli(f"module unload {module}")
            await here.has("modules", Verdict.PROBLEM, f"`module load {module}`")
            await here.pbx.cli(f"module load {module}")
        await here.is_well("modules")


async def test_modules_for_supervisors_and_recordings_are_asked_of_those_who_need_them(
    boot_pbx: BootPbx, tmp_path: Path
) -> None:
    async with patient(boot_pbx, tmp_path) as here:
        await here.is_well("modules")
        for module in EXTRA_MODULES:
            await here.pbx.cli(f"module unload -f {module}")
        await here.is_well("rights", "modules")
        text = here.config.read_text().replace("[[groups]]", '[[groups]]\nrecording = "on-demand"')
        here.config.write_text(text.replace("[[supervisors]]", '[[supervisors]]\ndevice = "PJSIP/1900"'))
        for module in EXTRA_MODULES:
            await here.has("modules", Verdict.PROBLEM, f"`module load {module}`")
            await here.pbx.cli(f"module load {module}")
        await here.is_well("modules")


async def test_without_userevent_no_word_of_the_dialplan_is_heard(boot_pbx: BootPbx, tmp_path: Path) -> None:
    async with patient(boot_pbx, tmp_path) as here:
        await here.pbx.cli("module unload app_userevent")
        await here.has("events", Verdict.PROBLEM, "(UserEvent)")


async def test_no_music(boot_pbx: BootPbx, tmp_path: Path) -> None:
    async with patient(
        boot_pbx, tmp_path, settings=replace(acd_pbx(), files={"musiconhold.conf": "[general]"})
    ) as here:
        await here.has("music", Verdict.PROBLEM, "would hear silence", "musiconhold.conf", "moh reload")
        moh = here.pbx.folder / "data/moh"
        await here.edit("musiconhold.conf", "[general]", f"[default]\nmode = files\ndirectory = {moh}")
        await here.is_well("music")


# --- what the configuration names -----------------------------------------------------------------------------------

BUSY = Centre(
    agents={"1001": {}, "1002": {}},
    groups={
        "desk": {
            "calls_max": 9,
            "when_full": "voicemail:sales",
            "when_nobody": "number:0571888",
            "steps": [{"after_s": 5, "prompt": "please-hold"}],
        }
    },
    entries={"8001": {"group": "desk"}, "9001": {"group": "desk"}},
)


async def test_places_that_are_not_there(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """An entry point without a way in, a number, a box and a prompt: each is named, with the lines to add."""
    async with patient(boot_pbx, tmp_path, BUSY) as here:
        way_in = "exten => 9001,1,Goto(acd-entry,${EXTEN},1)"
        await here.has("entries", Verdict.WARNING, "no extension leads to 9001", way_in)
        await here.has("outside", Verdict.PROBLEM, "can't be sent to 0571888", "[acd-outside-own]")
        await here.has("voicemail", Verdict.PROBLEM, "no box sales", "[acd-voicemail-own]")
        await here.has("prompts", Verdict.WARNING, "no sound please-hold", str(here.pbx.folder / "data/sounds"))
        (here.pbx.folder / "data/sounds/please-hold.ulaw").write_bytes(b"\xff" * 8000)
        await here.edit(
            "extensions.conf",
            "[from-trunk]",
            "[acd-outside-own]\nexten => _X.,1,NoOp()\n[acd-voicemail-own]\nexten => sales,1,NoOp()\n"
            f"[from-trunk]\n{way_in}",
        )
        await here.is_well("entries", "outside", "voicemail", "prompts")


async def test_a_phone_that_is_not_registered(boot_pbx: BootPbx, tmp_path: Path) -> None:
    centre = Centre(agents={"1001": {}, "1003": {}})
    async with patient(boot_pbx, tmp_path, centre, acd_pbx(phones=3)) as here:
        await here.has("phones", Verdict.WARNING, "PJSIP/1003 (1003)", "Switch them on")
        await here.sip.phone("1003")
        await here.is_well("phones")


async def test_a_device_that_asterisk_does_not_know(boot_pbx: BootPbx, tmp_path: Path) -> None:
    centre = Centre(agents={"1001": {}, "7777": {}})
    async with patient(boot_pbx, tmp_path, centre) as here:
        await here.has("phones", Verdict.PROBLEM, "Asterisk knows no PJSIP/7777 (7777)", "Correct `device`")
        here.config.write_text(here.config.read_text().replace("PJSIP/7777", "PJSIP/1002"))
        await here.is_well("phones")
