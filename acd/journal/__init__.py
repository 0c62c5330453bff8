"""The journal: every event the core was handed, with its instant, written before it was handled.

It is one *segment* after another. A segment is a file of lines:

    8d2f03a1 [1763760000123,"Segment",{"format":1,"run":1763760000123,"number":1,...,"snapshot":{...}},0]
    5c01b7f2 [1763760000456,"CallArrived",{"call":"pbx-1","entry":"12306",...},0]
    a90e4d11 [1763760004789,"OfferAccepted",{"offer":["pbx-1",1]},2774309190]
    ...
    17b3e6c0 [1763763600012,"End",null,901244575]

Each line begins with the CRC-32 of what follows, as eight hexadecimal digits, so that a line torn or damaged is seen.
Then comes one JSON text in UTF-8: the instant in milliseconds UTC, the kind, the value, and the *proof*: the running
CRC-32 of all commands that the core has put out in this run by the events before the line (:mod:`acd.journal.proof`).

- `Segment` comes first: what the router was (rules, agents, calls; :mod:`acd.snapshot`) before the first event. So
  every segment can be replayed by itself. `run` is the instant at which the daemon was started, `number` counts its
  segments from 1, `version` is the daemon's; `missing` says how many events before could not be written.
- An event's value is the event, by the names of its fields.
- `End` comes last, if the segment was ended by the daemon, and not by a crash.

The newest segment has the name that is configured; an older one besides the instant at which the next began, as 13
digits, so that names sort by time: `journal.jsonl.1763763600012`.
"""

from acd.journal.lines import End, Item, Line, Segment, Torn
from acd.journal.places import segments
from acd.journal.reading import read, read_segment
from acd.journal.writing import Journal, Limits

__all__ = ["End", "Item", "Journal", "Limits", "Line", "Segment", "Torn", "read", "read_segment", "segments"]
