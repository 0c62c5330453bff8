"""One line of a journal: to bytes, and back. :mod:`acd.journal` says what stands in it."""

from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from acd import __version__
from acd import events as ev
from acd.errors import JournalDamaged
from acd.ids import Instant
from acd.messages import message
from acd.snapshot import Snapshot

FORMAT = 1


@message
class Segment:
    """How a segment begins."""

    run: Instant
    """When the daemon was started that wrote it: segments of one run follow each other."""
    number: int
    """From 1."""
    missing: int
    """How many events before it could not be written."""
    snapshot: Snapshot
    version: str = __version__
    format: int = FORMAT


@message
class End:
    """The segment was ended by the daemon, and not by a crash."""


@message
class Torn:
    """The last line of a segment is not whole: the daemon or the machine crashed while it was written."""


Item = Segment | ev.Event | End | Torn


class Line(NamedTuple):
    """What a line held, and where it stood."""

    at: Instant
    item: Item
    proof: int
    """Of all commands put out before."""
    file: Path
    number: int
    bytes: int
    """How long it was."""

    @property
    def where(self) -> str:
        return f"{self.file}, line {self.number}"


_KINDS: dict[str, TypeAdapter[Any]] = {kind.__name__: TypeAdapter(kind) for kind in ev.Event.__args__}
_KINDS["Segment"] = TypeAdapter(Segment)
_to_json = {kind.__name__: _KINDS[kind.__name__].dump_json for kind in (*ev.Event.__args__, Segment)}


def line_of(now: Instant, item: Segment | ev.Event, proof: int) -> bytes:
    kind = type(item).__name__
    return _framed(b'[%d,"%s",%s,%d]' % (now, kind.encode(), _to_json[kind](item), proof))


def end_line(now: Instant, proof: int) -> bytes:
    return _framed(b'[%d,"End",null,%d]' % (now, proof))


def _framed(text: bytes) -> bytes:
    return b"%08x %s\n" % (crc32(text), text)


def _loaded(text: bytes) -> Any:
    try:
        return from_json(text)
    except ValueError:
        return None


class Reader:
    """Reads the lines of one file, in order."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.number = 0
        self._at, self._proof = Instant(0), 0

    def line(self, line: bytes) -> Line:
        """What the next line holds. Raises JournalDamaged, naming it, where it is not what was written."""
        self.number += 1
        if not line.endswith(b"\n"):
            return Line(self._at, Torn(), self._proof, self.file, self.number, len(line))
        checksum, _, text = line[:-1].partition(b" ")
        if checksum != b"%08x" % crc32(text):
            raise self._damaged("is damaged: its checksum is not that of its text; what stands before can be replayed")
        match _loaded(text):
            case [int(at), str(kind), value, int(proof)]:
                self._at, self._proof = Instant(at), proof
                return Line(self._at, self._item(kind, value), proof, self.file, self.number, len(line))
        raise self._damaged(f"isn't [instant, kind, value, proof], as this version ({__version__}) writes it")

    def _item(self, kind: str, value: Any) -> Item:
        if kind == "End":
            return End()
        adapter = _KINDS.get(kind)
        if adapter is None:
            raise self._damaged(f"holds a {kind!r}, which this version ({__version__}) doesn't know")
        if kind == "Segment" and isinstance(value, dict) and value.get("format") != FORMAT:
            by, format_ = value.get("version"), value.get("format")
            raise self._damaged(f"was written by version {by} in format {format_}; this version reads {FORMAT}")
        try:
            item: Item = adapter.validate_python(value)
        except ValidationError as error:
            raise self._damaged(f"holds a {kind} that this version ({__version__}) can't read: {error}") from None
        return item

    def _damaged(self, how: str) -> JournalDamaged:
        return JournalDamaged(f"{self.file}, line {self.number}: {how}")
