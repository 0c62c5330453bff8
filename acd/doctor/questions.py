"""What Asterisk is asked, as AMI's actions: only such as change nothing. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from acd.cti_adapters.asterisk.ami import Action
from acd.doctor.case import devices, places, trunks
from acd.doctor.heard import Heard
from acd.rules import DestinationKind
from acd.settings import Settings

SETTINGS, COMMANDS, DIALPLAN, BRIDGES = "settings", "commands", "dialplan", "bridges"
TRIAL_CONTEXT = "acd-doctor"
STEPS = ("word", "condition", "functions", "playback", "stack", "redirect", "music", "extras")
"""How far the trial call can get, in order."""
LAST_STEP = STEPS[-1]
DATA_FOLDER = "ASTDATADIR"
FUNCTIONS: Mapping[str, tuple[str, str]] = {
    "func_uri": ("URIENCODE(a b)", "a%20b"),
    "func_strings": ("FILTER(a,abc)", "a"),
    "func_logic": ("IF(1?a:b)", "a"),
    "func_dialplan": ("DIALPLAN_EXISTS(acd-wait,s,1)", "1"),
}
"""Module that our dialplan needs -> an expression, and what it makes of that."""
_ABSENT = "an-endpoint-that-nobody-has"
DEVICE_STATES = f"DEVICE_STATE(PJSIP/{_ABSENT})"
"""Has a value as soon as the function is there."""


def of(expressions: Iterable[str]) -> Mapping[str, Action]:
    """Question -> action, still without an ActionID."""
    asked: dict[str, Action] = {
        SETTINGS: {"Action": "CoreSettings"},
        COMMANDS: {"Action": "ListCommands"},
        DIALPLAN: {"Action": "ShowDialPlan"},
        BRIDGES: {"Action": "BridgeTechnologyList"},
    }
    return asked | {each: {"Action": "Getvar", "Variable": each} for each in expressions}


def trial(token: str) -> Action:
    """Asterisk calls itself. Nobody else has anything of it."""
    return {
        "Action": "Originate",
        "Channel": f"Local/s@{TRIAL_CONTEXT}",
        "Application": "Wait",
        "Data": "1",
        "Async": "true",
        "Timeout": "5000",
        "Variable": f"ACD_DOCTOR={token}",
    }


def expressions(settings: Settings, pbx: str = "") -> Sequence[str]:
    """What the dialplan of the Asterisk `pbx` is asked about this configuration."""
    return (
        DATA_FOLDER,
        DEVICE_STATES,
        *(expression for expression, _ in FUNCTIONS.values()),
        *(device_state(device) for device in devices(settings, pbx)),
        *(device_state(device) for device in trunks(settings, pbx).values()),
        *(outside(number) for number in places(settings, DestinationKind.NUMBER)),
        *(f(box) for box in places(settings, DestinationKind.VOICEMAIL) for f in (own_box, box_exists)),
    )


def device_state(device: str) -> str:
    """The state is an endpoint's."""
    return f"DEVICE_STATE({endpoint(device)})"


def endpoint(device: str) -> str:
    """Whose a device is: PJSIP/057188@trunk is dialled by way of PJSIP/trunk, PJSIP/1001/sip:a@b of PJSIP/1001."""
    kind, _, name = device.partition("/")
    if kind.upper() != "PJSIP":
        return device
    first, slash, _ = name.partition("/")
    return f"{kind}/{first if slash else name.rpartition('@')[2]}"


def outside(number: str) -> str:
    """As [acd-elsewhere] of our dialplan asks."""
    return f"DIALPLAN_EXISTS(acd-outside-own,{number},1)"


def own_box(box: str) -> str:
    return f"DIALPLAN_EXISTS(acd-voicemail-own,{box},1)"


def box_exists(box: str) -> str:
    return f"VM_INFO({box}@default,exists)"


def knows_trial(heard: Heard) -> bool:
    """Whether Asterisk has the context of the trial call."""
    return any(line.get("Context") == TRIAL_CONTEXT for line in heard.reply(DIALPLAN).items)


def clock_ahead_s(timestamp: str, ours: float) -> float | None:
    """Asterisk's clock less ours; None if it told none."""
    try:
        return float(timestamp) - ours
    except ValueError:
        return None
