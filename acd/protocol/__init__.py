"""The agent protocol, version 1: JSON texts to and from the clients of agents and supervisors. No I/O.

A client sends *requests* (:mod:`acd.protocol.requests`), each with an `id` of its own, and gets one `answer` to each.
The server sends *events* (:mod:`acd.protocol.views`), numbered by `seq` from 1 without gaps within a connection.
docs/protocol.md shows a conversation.
"""

VERSION = 1
FRAME_BYTES_MAX = 64 * 1024
