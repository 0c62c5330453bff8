"""The private Asterisk: its boot, its files, its end, and its neighbours."""

import re
import shutil
from pathlib import Path

import pytest
import trio

from tests.pbx.asterisk import PbxError
from tests.pbx.fixtures import BootPbx
from tests.pbx.loopback import SIP_PORT, AddressBlock, claim_block
from tests.pbx.phone import telephones
from tests.pbx.settings import PbxSettings, config_files
from tests.pbx.tree import AsteriskTree, PbxUnavailable, unpacked_tree

RINGS = PbxSettings(append={"extensions.conf": "[from-trunk]\nexten => 1001,1,Dial(PJSIP/1001)\n"})
ECHO = "[from-trunk]\nexten => 100,1,Answer()\n same => n,Echo()\n"


def test_claimed_blocks_differ() -> None:
    """No two holders at a time; .1, .2 and .3 of one block."""
    with claim_block() as one, claim_block() as other:
        assert one.pbx != other.pbx
        assert one.pbx.rpartition(".")[0] == one.trunk.rpartition(".")[0]


def test_a_folder_without_asterisk_is_refused(tmp_path: Path) -> None:
    """The error names the folder and the command that fills it."""
    with pytest.raises(PbxUnavailable, match=r"tests\.pbx\.fetch"):
        unpacked_tree(tmp_path)


def test_files_of_the_test_come_last(tmp_path: Path) -> None:
    """`append` adds to a base file, `files` takes its place."""
    tree = AsteriskTree("22.1", ("asterisk",), tmp_path, tmp_path)
    settings = PbxSettings(phones=2, files={"rtp.conf": "mine"}, append={"manager.conf": '#include "x.conf"'})
    with claim_block() as addresses:
        texts = config_files(settings, tree, addresses, tmp_path)
        assert texts["manager.conf"].startswith("[general]")
        assert texts["manager.conf"].endswith('#include "x.conf"\n')
        assert (texts["rtp.conf"], "[1002]" in texts["pjsip.conf"], "[1003]" in texts["pjsip.conf"]) == (
            "mine",
            True,
            False,
        )


@pytest.mark.asterisk
async def test_boots_fast_and_clean(boot_pbx: BootPbx) -> None:
    """Ready within a few seconds even on a loaded machine, and without one warning."""
    async with boot_pbx(PbxSettings()) as pbx:
        assert pbx.boot_s < 5
        assert "WARNING" not in pbx.log.read_text()
        assert "ERROR" not in pbx.log.read_text()
        assert "0 active channels" in await pbx.cli("core show channels")


@pytest.mark.asterisk
async def test_shipped_files_are_taken_in_by_include_lines(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """A folder of configuration beside the base files, and one line each that includes it."""
    (tmp_path / "extensions.conf").write_text("[shipped]\nexten => 7,1,NoOp(seven)\n")
    (tmp_path / "manager.conf").write_text("[acd]\nsecret = swordfish\nread = call\nwrite = call\n")
    settings = PbxSettings(
        folders={"switchyard": tmp_path},
        append={name: f'#include "switchyard/{name}"' for name in ("extensions.conf", "manager.conf")},
    )
    async with boot_pbx(settings) as pbx:
        assert "seven" in await pbx.cli("dialplan show shipped")
        assert "acd" in await pbx.cli("manager show users")


@pytest.mark.asterisk
async def test_a_boot_that_fails_says_why(boot_pbx: BootPbx) -> None:
    """A module that isn't there is named in the error, at once."""
    with pytest.raises(PbxError, match="no_such_module") as raised:
        async with boot_pbx(PbxSettings(modules=["no_such_module"])):
            pass
    kept = re.search(r"folder is kept: (\S+)", "".join(raised.value.__notes__))
    assert kept is not None
    assert (Path(kept[1]) / "etc/pjsip.conf").exists()
    shutil.rmtree(kept[1])


@pytest.mark.asterisk
async def test_two_side_by_side(boot_pbx: BootPbx) -> None:
    """Each answers its own callers on its own address."""
    settings = PbxSettings(append={"extensions.conf": ECHO})
    async with boot_pbx(settings) as one, boot_pbx(PbxSettings()) as other:
        async with telephones(one) as sip, telephones(other) as elsewhere:
            await (await sip.dial("100")).answered()
            assert await (await elsewhere.dial("100")).refused() == 404


@pytest.mark.asterisk
async def test_registrations_survive_a_stop(boot_pbx: BootPbx) -> None:
    """Stopped and started again in the same folder, it still knows its phones."""
    async with boot_pbx(RINGS) as pbx, telephones(pbx) as sip:
        phone = await sip.phone("1001")
        await pbx.stop()
        await pbx.start()
        await sip.dial("1001")
        await phone.ringing()


@pytest.mark.asterisk
async def test_life_after_a_kill(boot_pbx: BootPbx) -> None:
    """Killed, it is known not to run; started again, phones register and ring as before."""
    async with boot_pbx(RINGS) as pbx, telephones(pbx) as sip:
        phone = await sip.phone("1001")
        await pbx.kill()
        with pytest.raises(PbxError, match="doesn't run"):
            _ = pbx.pid
        await pbx.start()
        await phone.register()
        await sip.dial("1001")
        await phone.ringing()


@pytest.mark.asterisk
async def test_a_paused_one_goes_on_where_it_stood(boot_pbx: BootPbx) -> None:
    """A frozen Asterisk takes no call; thawed, it answers the INVITE that was re-sent meanwhile."""
    async with boot_pbx(PbxSettings(append={"extensions.conf": ECHO})) as pbx, telephones(pbx) as sip:
        pbx.pause()
        call = await sip.dial("100")
        with trio.move_on_after(0.3) as waited:
            await call.ended(10)
        assert waited.cancelled_caught
        assert not call.responses
        pbx.resume()
        await call.answered()


def test_the_port_is_the_usual_one() -> None:
    """Addresses differ and ports don't: shipped files need no template."""
    with claim_block() as addresses:
        assert isinstance(addresses, AddressBlock)
        assert SIP_PORT == 5060
