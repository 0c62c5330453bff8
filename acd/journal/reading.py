"""Reading the journal: all that was written, line by line over all segments, or what is wrong with it."""

from collections.abc import Iterator
from pathlib import Path

from acd.errors import JournalDamaged
from acd.ids import Instant
from acd.journal.lines import Line, Reader, Segment, Torn
from acd.journal.places import segments


def read(path: Path, since: Instant | None = None) -> Iterator[Line]:
    """What the journal at `path` holds, over all its segments or, if `path` is an older one, of that alone.

    With `since` it begins with the last segment that was begun by then. A segment whose last line is torn ends there,
    with a `Torn`, as a crash leaves it.

    Raises JournalDamaged, naming file and line, where a line is not what was written, and FileNotFoundError.
    """
    torn: Line | None = None
    run: Instant | None = None
    for file in _from(segments(path), since):
        for line in read_segment(file):
            if isinstance(line.item, Segment):
                if torn is not None and line.item.run == run and not line.item.missing:
                    raise JournalDamaged(f"{torn.where}: is torn, though the daemon wrote on in {file}")
                torn, run = None, line.item.run
            elif isinstance(line.item, Torn):
                torn = line
            yield line


def read_segment(file: Path) -> Iterator[Line]:
    """What one file holds. Raises JournalDamaged."""
    reader = Reader(file)
    with file.open("rb") as lines:
        for text in lines:
            line = reader.line(text)
            if line.number == 1 and not isinstance(line.item, Segment | Torn):
                raise JournalDamaged(f"{line.where}: is not the beginning of a segment")
            yield line
    if not reader.number:
        yield reader.line(b"")  # a crash before the first line


def _from(files: list[Path], since: Instant | None) -> list[Path]:
    """The files from the last one on that was begun at `since` or before."""
    if since is None:
        return files
    for n in reversed(range(len(files))):
        first = next(read_segment(files[n]))
        if isinstance(first.item, Segment) and first.at <= since:
            return files[n:]
    return files
