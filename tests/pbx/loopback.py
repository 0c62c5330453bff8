"""Loopback addresses that belong to one test alone: a block of 127.a.b.0/24 claimed by a bound port.

The whole of 127.0.0.0/8 is local on Linux. A claim is a listening socket, so the kernel gives it back when
the process dies, and two test processes can never hold the same block.
"""

from __future__ import annotations

import random
import socket
from types import TracebackType

SIP_PORT = 5060
AMI_PORT = 5038
CLAIM_PORT = 5059
TRIES_MAX = 200


class AddressBlock:
    """127.a.b.1 for the PBX, .2 for its phones, .3 for the trunk's far side; free them with `release`."""

    def __init__(self, prefix: str, claim: socket.socket) -> None:
        """Made by `claim_block`."""
        self.pbx = f"{prefix}.1"
        self.phones = f"{prefix}.2"
        self.trunk = f"{prefix}.3"
        self._claim = claim

    def release(self) -> None:
        """Let another test have the block; to be called when nothing listens on it any more."""
        self._claim.close()

    def __enter__(self) -> AddressBlock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def claim_block() -> AddressBlock:
    """A block that no other process holds and on which nothing listens.

    A left-over Asterisk counts as a holder: a second one on its address would come up without its ports
    and look alive.
    """
    for _ in range(TRIES_MAX):
        prefix = f"127.{random.randint(64, 127)}.{random.randint(0, 254)}"
        claim = _claimed(prefix)
        if claim is not None:
            return AddressBlock(prefix, claim)
    raise RuntimeError(f"no free loopback block in {TRIES_MAX} tries; look for left-over processes with `ss -lnp`")


def is_bound(address: str, port: int, kind: socket.SocketKind) -> bool:
    """Whether somebody holds that port now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        # A connection of a server that was stopped lingers in TIME_WAIT: that isn't somebody holding it.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(kind == socket.SOCK_STREAM))
        try:
            probe.bind((address, port))
        except OSError:
            return True
    return False


def _claimed(prefix: str) -> socket.socket | None:
    claim = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        claim.bind((f"{prefix}.1", CLAIM_PORT))
        claim.listen(1)
    except OSError:
        claim.close()
        return None
    taken = is_bound(f"{prefix}.1", SIP_PORT, socket.SOCK_DGRAM) or is_bound(
        f"{prefix}.1", AMI_PORT, socket.SOCK_STREAM
    )
    if taken:
        claim.close()
        return None
    return claim
