"""The doctor beside two real Asterisks: what is wrong with which of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from acd.doctor.command import TABLES, examined
from acd.doctor.findings import Finding, Verdict
from acd.explain.words import Words
from tests.asterisk.test_several_pbxs import CENTRE, TwoHouses, joined, pbxs_toml
from tests.pbx.fixtures import BootPbx

pytestmark = pytest.mark.asterisk

ENGLISH = Words("en", tables=TABLES)
OF_THE_TEST = ("secret", "passwords", "file-mode")


@dataclass
class Patients:
    """North and south with their phones, and the configuration of both."""

    at: TwoHouses
    config: Path

    async def ill(self) -> list[tuple[str, str, Verdict]]:
        """What isn't well, where."""
        found = [each for each in await examined(self.config) if each.check not in OF_THE_TEST]
        return [(each.pbx, each.check, each.verdict) for each in found if each.verdict is not Verdict.OK]

    async def found(self, pbx: str, check: str) -> Finding:
        [finding] = [each for each in await examined(self.config) if (each.pbx, each.check) == (pbx, check)]
        return finding


@asynccontextmanager
async def patients(boot_pbx: BootPbx, folder: Path) -> AsyncIterator[Patients]:
    async with joined(boot_pbx) as at:
        await at.sip_a.phone("1001")
        await at.sip_b.phone("1002")
        config = folder / "acd.toml"
        config.write_text(CENTRE.toml(pbxs_toml(at), folder / "journal.jsonl"))
        yield Patients(at, config)


async def test_each_of_two_that_are_well_is_told_of(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """An agent's phone is looked for where it is alone: the other one's isn't registered there."""
    async with patients(boot_pbx, tmp_path) as here:
        assert await here.ill() == []
        told = {(each.pbx, each.check) for each in await examined(here.config)}
        assert {(pbx, check) for pbx in ("north", "south") for check in ("login", "phones", "trunks", "music")} <= told


async def test_a_trunk_that_asterisk_does_not_know_and_a_phone_that_is_off(boot_pbx: BootPbx, tmp_path: Path) -> None:
    async with patients(boot_pbx, tmp_path) as here:
        good = here.config.read_text()
        here.config.write_text(good.replace("@to-a", "@to-nowhere"))
        assert await here.ill() == [("south", "trunks", Verdict.PROBLEM)]
        assert "PJSIP/to-nowhere (north)" in (await here.found("south", "trunks")).found(ENGLISH)
        here.config.write_text(good.replace("PJSIP/1001", "PJSIP/1002"))
        assert await here.ill() == [("north", "phones", Verdict.WARNING)]


async def test_one_is_not_reached_and_one_has_no_way_for_the_other(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """What is needed for several alone is missed, too."""
    async with patients(boot_pbx, tmp_path) as here:
        file = here.at.a.folder / "etc/extensions.conf"
        text = file.read_text()
        file.write_text(text.replace('#include "switchyard/extensions-acd-pbxs.conf"', ""))
        await here.at.a.cli("dialplan reload")
        assert await here.ill() == [("north", "dialplan", Verdict.PROBLEM)]
        file.write_text(text)
        await here.at.a.cli("dialplan reload")
        await here.at.b.stop()
        ill = await here.ill()
        assert ("south", "reach", Verdict.PROBLEM) in ill
        assert {pbx for pbx, _, _ in ill} == {"south"}
