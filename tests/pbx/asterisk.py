"""A private Asterisk for one test: its own folder, its own loopback addresses, its own configuration."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from tests.pbx.loopback import AMI_PORT, SIP_PORT, AddressBlock, claim_block, is_bound
from tests.pbx.settings import PbxSettings, config_files
from tests.pbx.tree import AsteriskTree

BOOT_S_MAX = 20.0
STOP_S_MAX = 5.0
CLI_S_MAX = 10.0
POLL_S = 0.01
LOG_TAIL_LINES = 40
FOLDERS = ("etc", "lib/keys", "spool", "run", "log", "log/cdr-csv", "data")
VOICE = "sounds/en_US_f_Allison"


class PbxError(Exception):
    """The Asterisk of a test didn't do as told; the text carries the tail of its log."""


class AsteriskServer:
    """One Asterisk under a test's control. Made by `running_asterisk`.

    `address`, `sip_port` and `ami_port` say where it listens; `addresses.phones` and `addresses.trunk` are
    where its phones and its trunk's far side live. It may be stopped, killed, paused and started again in the
    same folder: registrations and the rest of its database survive that, as on a real machine.
    """

    sip_port = SIP_PORT
    ami_port = AMI_PORT

    def __init__(self, tree: AsteriskTree, settings: PbxSettings, addresses: AddressBlock, folder: Path) -> None:
        """Lay the folder out; `start` boots it."""
        self.tree = tree
        self.settings = settings
        self.addresses = addresses
        self.folder = folder
        self.boot_s = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        _lay_out(tree, settings, addresses, folder)

    @property
    def address(self) -> str:
        """The server's own address."""
        return self.addresses.pbx

    @property
    def pid(self) -> int:
        """The process number, for measurements; raises PbxError when it doesn't run."""
        return self._running().pid

    @property
    def log(self) -> Path:
        """Where Asterisk writes its messages."""
        return self.folder / "log/messages"

    def log_tail(self, lines: int = LOG_TAIL_LINES) -> str:
        """The end of what Asterisk had to say, for the text of an error."""
        texts = [path.read_text(errors="replace") for path in (self.folder / "console", self.log) if path.exists()]
        return "\n".join("\n".join(texts).splitlines()[-lines:])

    async def start(self) -> None:
        """Boot and return when the modules are loaded and both ports answer.

        Raises PbxError with the log's tail if it dies or isn't ready within BOOT_S_MAX seconds.
        """
        if self._process is not None and self._process.poll() is None:
            raise PbxError(f"Asterisk already runs as process {self._process.pid}; stop or kill it first")
        started = time.monotonic()
        log_before = self._log_size()
        self._process = self._spawn()
        await self._until_it_takes_commands()
        await self.cli("core waitfullybooted")
        self._check_ports()
        self._check_modules(log_before)
        self.boot_s = time.monotonic() - started

    async def stop(self) -> None:
        """End it in good order (SIGTERM), by force after STOP_S_MAX seconds; no error if it is gone already."""
        await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """End it as a power cut would (SIGKILL): no BYE, no goodbye on the AMI."""
        await self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Freeze it (SIGSTOP), every thread before this returns: its sockets stay open and nothing answers."""
        process = self._running()
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def resume(self) -> None:
        """Let a frozen one go on."""
        self._running().send_signal(signal.SIGCONT)

    async def cli(self, command: str) -> str:
        """The answer to a line of Asterisk's command line, e.g. `core show channels concise`."""
        line = [*self.tree.command, "-C", str(self.folder / "etc/asterisk.conf"), "-rx", command]
        try:
            with trio.fail_after(CLI_S_MAX):
                outcome = await trio.run_process(line, capture_stdout=True, capture_stderr=True, check=False)
        except trio.TooSlowError:
            raise PbxError(f"no answer to {command!r} in {CLI_S_MAX} s\n{self.log_tail()}") from None
        if outcome.returncode != 0:
            raise PbxError(f"{command!r}: {outcome.stderr.decode(errors='replace')}\n{self.log_tail()}")
        return outcome.stdout.decode(errors="replace")

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            raise PbxError(f"Asterisk doesn't run (any more)\n{self.log_tail()}")
        return self._process

    def _spawn(self) -> subprocess.Popen[bytes]:
        """Started from this very thread: the kernel then ends it with us, even if we are killed.

        SIGPIPE stays ignored as in Python: Asterisk ignores it only some way into its boot, and our look whether it
        takes commands yet, a connection closed at once, could end it before that.
        """
        (self.folder / "run/asterisk.ctl").unlink(missing_ok=True)
        guard = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        command = [*guard, *self.tree.command, "-f", "-n", "-C", str(self.folder / "etc/asterisk.conf")]
        with (self.folder / "console").open("ab") as console:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=console, stderr=console, cwd=self.folder,
                env={**os.environ, "HOME": str(self.folder), "TERM": "dumb"}, start_new_session=True,
                restore_signals=False,
            )  # fmt: skip

    def _log_size(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0

    def _check_modules(self, log_before: int) -> None:
        """A module that declines to load is only a line in the log; the test would fail far from the reason."""
        lines = self.log.read_bytes()[log_before:].decode(errors="replace").splitlines()
        declined = [line for line in lines if "declined to load" in line or "Error loading module" in line]
        if declined:
            raise PbxError("\n".join(["modules that don't load; see `modules` and the files:", *declined]))

    def _check_ports(self) -> None:
        """Only now: a probe that binds while Asterisk boots could take the port from it."""
        ports = {SIP_PORT: socket.SOCK_DGRAM, AMI_PORT: socket.SOCK_STREAM}
        missing = [port for port, kind in ports.items() if not is_bound(self.address, port, kind)]
        if missing:
            raise PbxError(f"Asterisk came up without its ports {missing} on {self.address}\n{self.log_tail()}")

    def _takes_commands(self) -> bool:
        self._running()
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as control:
            return control.connect_ex(str(self.folder / "run/asterisk.ctl")) == 0

    async def _end(self, how: signal.Signals) -> None:
        process = self._process
        if process is None:
            return
        with trio.CancelScope(shield=True):
            process.send_signal(how)
            if how is not signal.SIGKILL:
                process.send_signal(signal.SIGCONT)  # a paused one can't hear the first
            if not await _gone(process, STOP_S_MAX):
                process.kill()
                await _gone(process, STOP_S_MAX)
        self._process = None

    async def _until_it_takes_commands(self) -> None:
        deadline = trio.current_time() + BOOT_S_MAX
        while not self._takes_commands():
            if trio.current_time() > deadline:
                raise PbxError(f"Asterisk takes no commands after {BOOT_S_MAX} s\n{self.log_tail()}")
            await trio.sleep(POLL_S)


@asynccontextmanager
async def running_asterisk(tree: AsteriskTree, settings: PbxSettings | None = None) -> AsyncIterator[AsteriskServer]:
    """A booted Asterisk for the length of the block.

    Its folder goes with it, unless the block fails: then the folder stays and the error gains a note that
    names it and quotes the log's tail.
    """
    folder = Path(tempfile.mkdtemp(prefix="pbx-"))  # short: a control socket's path has 108 bytes at most
    with claim_block() as addresses:
        server = AsteriskServer(tree, settings or PbxSettings(), addresses, folder)
        try:
            await server.start()
            yield server
        except BaseException as error:  # a pytest.fail too
            error.add_note(f"Asterisk's folder is kept: {folder}\n{server.log_tail()}")
            raise
        else:
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            await server.kill()  # an end in good order costs 0.8 s a test and leaves nothing that is read


def _lay_out(tree: AsteriskTree, settings: PbxSettings, addresses: AddressBlock, folder: Path) -> None:
    for name in FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name, source in settings.folders.items():
        shutil.copytree(source, folder / "etc" / name)
    for name, text in config_files(settings, tree, addresses, folder).items():
        (folder / "etc" / name).write_text(text)
    _link_data(tree, folder / "data")


def _link_data(tree: AsteriskTree, data: Path) -> None:
    """The tree's sounds under the names that a package's installer would have made."""
    for name in ("moh", "documentation"):
        (data / name).symlink_to(tree.data / name)
    (data / "sounds").mkdir()
    english = tree.data / "sounds/en"
    (data / "sounds/en").symlink_to(english if english.exists() else tree.data / VOICE)


async def _gone(process: subprocess.Popen[bytes], seconds_max: float) -> bool:
    with trio.move_on_after(seconds_max):
        while process.poll() is None:  # noqa: ASYNC110  only polling reaps the child
            await trio.sleep(POLL_S)
    return process.poll() is not None
