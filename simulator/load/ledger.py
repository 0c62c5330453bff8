"""What the simulated Asterisk notes of each call: when it waited for a decision, when a phone was free. Pure.

Seconds of the monotonic clock, which all processes of one machine share; delays in milliseconds.
"""

from __future__ import annotations

from typing import Any

LATE_S = 1.0
"""Who waits so long for a decision although somebody is free counts as late, and isn't waited for any more."""


class Ledger:
    """Delays since the last `collect`."""

    def __init__(self) -> None:
        self._arrived: dict[str, float] = {}
        """Callers for whom agents are idle."""
        self._freed: dict[str, float] = {}
        """Phones that are free while callers wait for them."""
        self._figures: dict[str, list[float]] = {"decision": [], "dispatch": []}
        self._rung: list[tuple[str, str, float]] = []
        self._talks: list[tuple[str, str, float]] = []
        self._late = 0

    def arrived(self, call: str, at: float) -> None:
        """The caller has said that it waits, and somebody is idle."""
        self._arrived[call] = at

    def freed(self, device: str, at: float) -> None:
        """The end of the phone's talk has been said, and somebody waits for it."""
        self._freed[device] = at

    def awaited(self) -> int:
        """How many phones are free whose next call hasn't come."""
        return len(self._freed)

    def rang(self, call: str, offer: str, device: str, at: float) -> None:
        """The phone has been asked to ring for that call."""
        self._close("decision", self._arrived.pop(call, None), at)
        self._close("dispatch", self._freed.pop(device, None), at)
        self._rung.append((call, offer, at))

    def talks(self, call: str, agent: str, at: float) -> None:
        """It has been said that they talk."""
        self._talks.append((call, agent, at))

    def gone(self, call: str) -> None:
        """The caller isn't there any more."""
        self._arrived.pop(call, None)

    def _close(self, figure: str, since: float | None, at: float) -> None:
        if since is not None:
            self._figures[figure].append((at - since) * 1000)

    def collect(self, now: float) -> dict[str, Any]:
        """What was noted since the last time."""
        for pending in (self._arrived, self._freed):
            for key in [key for key, since in pending.items() if now - since > LATE_S]:
                del pending[key]
                self._late += 1
        told = {**self._figures, "rung": self._rung, "talking_since": self._talks, "late": self._late}
        self._figures = {figure: [] for figure in self._figures}
        self._rung, self._talks, self._late = [], [], 0
        return told
