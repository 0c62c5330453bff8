"""The real daemon with the simulator, in a process of its own."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from acd.web.accounts import hashed

START_S_MAX = 20
STOP_S_MAX = 15
PASSWORD = "open sesame"
EVIL_NAME = "<img src=x onerror=window.pwned=1>"

CONFIG = """
adapter = "simulator"
[server]
port = {port}
journal = "{journal}"

[simulator]                          # more calls than three agents take, so that there is always one who waits
seed = 3
simulated_agents = ["1002", "1003", "1004", "1008"]
talk_s = {talk_s}
number_answers_s = 1.5
number_unanswered_probability = 0
supervisor_phone_answers_s = 1
patience_s = {{uniform = [60, 90]}}
wrap_up_s = 1
answer_s = 2.5                       # longer than a look at the page takes
miss_probability = 0
reject_probability = 0
agent_ends_probability = 0
log_in_after_s = 0
ready_after_s = 0
break_every_s = "never"
human_phone_answers_s = 2
[simulator.calls_per_h]
"8001" = 2400
"8002" = 1200
[routing]
not_ready_reasons = ["break", "lunch"]

[[groups]]
id = "desk"
name = "Front desk"
needs = {{desk = 1}}
wrap_up_s = 60
recording = "on-demand"
[[groups]]
id = "night"
name = "{evil}"
needs = {{night = 1}}
[[entry_points]]
number = "8001"
group = "desk"
[[entry_points]]
number = "8002"
group = "night"
{agents}
[[supervisors]]
id = "super"
device = "PJSIP/9001"
password_hash = "{password}"
"""

AGENT = """
[[agents]]
id = "{id}"
name = "{name}"
device = "PJSIP/{id}"
skills = {{{skill} = 5}}
password_hash = "{password}"
"""

AGENTS = {
    "1001": ("Mei Lin", "desk"),
    "1002": ("Tom Keller", "desk"),
    "1003": (EVIL_NAME, "desk"),
    "1004": ("Anna Berg", "night"),
    "1008": ("Idle Ida", "unasked"),  # nobody calls for what she knows: her state changes by our word alone
}


class Server:
    """`acd serve`. It keeps its port over stops and starts, so that a page finds it again."""

    def __init__(self, folder: Path, talk_s: str = "{uniform = [3, 5]}") -> None:
        self._folder = folder
        self._talk_s = talk_s
        self._port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.log = folder / "acd.log"
        self.config = folder / "acd.toml"
        self.address = f"http://127.0.0.1:{self._port}/"
        self._write_config()

    def _write_config(self) -> None:
        password = hashed(PASSWORD)
        agents = "".join(
            AGENT.format(id=agent, name=name, skill=skill, password=password) for agent, (name, skill) in AGENTS.items()
        )
        text = CONFIG.format(
            port=self._port,
            journal=self._folder / "journal.jsonl",
            talk_s=self._talk_s,
            evil=EVIL_NAME,
            agents=agents,
            password=password,
        )
        self.config.write_text(text, encoding="utf-8")

    def start(self) -> None:
        with self.log.open("wb") as log:
            command = [sys.executable, "-m", "acd", "serve", "-c", str(self.config)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + START_S_MAX
        while not any(_event(line) == "serving" for line in self.log.read_bytes().splitlines()):
            assert self._process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.02)

    def reload(self, old: str, new: str) -> None:
        """Change the configuration file and let the server read it again."""
        assert self._process is not None
        text = self.config.read_text(encoding="utf-8")
        assert old in text
        self.config.write_text(text.replace(old, new, 1), encoding="utf-8")
        self._process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            assert process.wait(STOP_S_MAX) == 0, self.log.read_text()
        finally:
            process.kill()
            process.wait()

    def login(self, user: str) -> str:
        """The address that logs in `user` at once."""
        return f"{self.address}#user={user}&password={PASSWORD.replace(' ', '%20')}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _event(line: bytes) -> str:
    try:
        return str(json.loads(line).get("event"))
    except ValueError:
        return ""
