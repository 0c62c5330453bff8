"""AMI from Asterisk's side: actions are read, answers and events written, as Asterisk 22 writes them. Pure.

Header by header these are the words of a real one (tests/asterisk/test_load_words.py compares them).
"""

from collections.abc import Iterable, Mapping, Sequence

from acd.cti_adapters.asterisk.words import SURVEY_VARIABLES

GREETING = b"Asterisk Call Manager/11.0.0\r\n"
LINE, END = "\r\n", b"\r\n\r\n"
UNKNOWN, UNSET = "<unknown>", "(null)"
STATES = {4: "Ring", 5: "Ringing", 6: "Up"}
"""A channel's."""
NO_SUCH_CHANNEL = "No such channel"
Headers = Iterable[tuple[str, object]]


class ActionReader:
    """Bytes in, actions out: header -> its values, for `Variable` may be repeated."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> list[dict[str, list[str]]]:
        """The actions completed by `chunk`, in order."""
        *whole, self._rest = (self._rest + chunk).split(END)
        return [_action(raw.decode("utf-8", "replace")) for raw in whole]


def _action(text: str) -> dict[str, list[str]]:
    action: dict[str, list[str]] = {}
    for line in text.split(LINE):
        key, colon, value = line.partition(":")
        if colon:
            action.setdefault(key, []).append(value.removeprefix(" "))
    return action


def message(headers: Headers) -> bytes:
    """One message."""
    return ("".join([f"{key}: {value}\r\n" for key, value in headers]) + LINE).encode()


def answer(action_id: str, text: str, *, ok: bool = True, more: Headers = ()) -> bytes:
    """The answer to an action."""
    return message([("Response", "Success" if ok else "Error"), ("ActionID", action_id), ("Message", text), *more])


def list_begins(action_id: str, text: str) -> bytes:
    """The answer to an action that is followed by a list."""
    head = [("Response", "Success"), ("ActionID", action_id), ("EventList", "start"), ("Message", text)]
    return message(head)


def list_ends(event: str, action_id: str, items: int, more: Headers = ()) -> bytes:
    """The end of such a list."""
    head = [("Event", event), ("ActionID", action_id), ("EventList", "Complete"), ("ListItems", items)]
    return message([*head, *more])


def device_state(device: str, state: str, action_id: str = "") -> bytes:
    """A device is so now; with `action_id`: a line of the list that was asked for."""
    origin = ("ActionID", action_id) if action_id else ("Privilege", "call,all")
    return message([("Event", "DeviceStateChange"), origin, ("Device", device), ("State", state)])


def channel(
    name: str, state: int, number: str, context: str, unique_id: str, **others: str
) -> list[tuple[str, object]]:
    """The headers by which every event describes its channel.

    `others` are `extension`, `priority`, `linked`, `connected`.
    """
    return [
        ("Channel", name),
        ("ChannelState", state),
        ("ChannelStateDesc", STATES[state]),
        ("CallerIDNum", number or UNKNOWN),
        ("CallerIDName", UNKNOWN),
        ("ConnectedLineNum", others.get("connected") or UNKNOWN),
        ("ConnectedLineName", UNKNOWN),
        ("Language", "en"),
        ("AccountCode", ""),
        ("Context", context),
        ("Exten", others.get("extension", "s")),
        ("Priority", others.get("priority", "1")),
        ("Uniqueid", unique_id),
        ("Linkedid", others.get("linked") or unique_id),
    ]


def user_event(name: str, at: Headers, facts: Mapping[str, object], token: str, last: Headers = ()) -> bytes:
    """A word of our dialplan, from the channel `at`; `last` is what it says after the token."""
    head = [("Event", "UserEvent"), ("Privilege", "user,all"), *at, ("UserEvent", name)]
    return message([*head, *facts.items(), ("Token", token), *last])


def hangup_request(at: Headers, cause: int) -> bytes:
    """The phone of that channel says that it hangs up."""
    return message([("Event", "HangupRequest"), ("Privilege", "call,all"), *at, ("Cause", cause)])


def originate_response(leg: str, name: str, context: str, number: str, *, ok: bool, reason: int) -> bytes:
    """How dialling has ended: 4 answered, 3 not answered in time, 0 anything else."""
    return message([
        ("Event", "OriginateResponse"),
        ("Privilege", "call,all"),
        ("ActionID", leg),
        ("Response", "Success" if ok else "Failure"),
        ("Channel", name),
        ("Context", context),
        ("Exten", "s"),
        ("Reason", reason),
        ("Uniqueid", leg),
        ("CallerIDNum", number or UNKNOWN),
        ("CallerIDName", UNKNOWN),
    ])  # fmt: skip


def status(action_id: str, at: Headers, bridge: str, variables: Mapping[str, str], asked: Sequence[str]) -> bytes:
    """One channel of the survey, with the variables that were asked for."""
    return message([
        ("Event", "Status"),
        ("Privilege", "Call"),
        *at,
        ("Type", "PJSIP"),
        ("BridgeID", bridge),
        *(("Variable", f"{name}={variables.get(name, UNSET)}") for name in asked or SURVEY_VARIABLES),
        ("ActionID", action_id),
    ])  # fmt: skip


def first(action: Mapping[str, list[str]], key: str, default: str = "") -> str:
    """The value of a header that isn't repeated."""
    return action.get(key, [default])[0]


def variables(action: Mapping[str, list[str]]) -> dict[str, str]:
    """The channel variables that an Originate sets."""
    pairs = (each.partition("=") for each in action.get("Variable", ()))
    return {name: value for name, _, value in pairs}
