"""The proof that a replay gave the same commands: a running CRC-32 of all of them.

It is made of JSON, and of nothing that differs between machines, versions of Python or hash seeds: for each command
its name and the values of its fields in their order.
"""

import json
from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any
from zlib import crc32

from acd.commands import Command
from acd.router import Output
from acd.rules import Destination

_VALUES: dict[type, Callable[[Any], Any]] = {
    kind: attrgetter(*(each.name for each in fields(kind))) for kind in Command.__args__
}
_encode = json.JSONEncoder(default=Destination.__str__, check_circular=False, separators=(",", ":")).encode


def proof_after(proof: int, outputs: Output) -> int:
    """What `proof` becomes by the commands among `outputs`."""
    for output in outputs:
        kind = type(output)
        if kind in _VALUES:
            proof = crc32(_encode((kind.__name__, _VALUES[kind](output))).encode("ascii"), proof)
    return proof


def commands_among(outputs: Output) -> list[Command]:
    return [output for output in outputs if type(output) in _VALUES]  # type: ignore[misc]
