"""What the terminal tells of talks: the protocol's events in words."""

from typing import Any

from rich.markup import escape

Message = dict[str, Any]

_STAGES = {"connected": "talking with the caller", "held": "the caller is on hold", "conference": "all three talk"}


def talk(message: Message) -> str:
    consult, ended = message["consult"], message["ended"]
    if ended:
        party = f" with {_place(consult['to'], consult['name'])}" if consult else ""
        return f"consult{party} over: {ended}; {_STAGES[message['stage']]}"
    if message["stage"] != "consulting" or not consult:
        return _STAGES.get(message["stage"], str(message["stage"]))
    party = f" ({escape(_named(consult['party'], consult['party_name']))})" if consult["party"] else ""
    how = "talking" if consult["answered"] else "waiting for an answer"
    return f"consulting {_place(consult['to'], consult['name'])}{party}: {how}"


def of_others_talk(message: Message) -> str:
    """Of a talk in which this agent is consulted: nothing, until the caller is there, too."""
    return "the caller takes part" if message["stage"] == "conference" else ""


def asked(about: Message) -> str:
    """Of a consult that rings: who asks, about whose call."""
    caller = f"{about['caller_name']} {about['caller_number']}".strip() or "an unknown caller"
    return f"{escape(_named(about['by'], about['by_name']))} consults you about {escape(caller)}"


def transferred(message: Message) -> str:
    return f"transferred to {_place(message['to'], message['name'])}"


def intercepted(message: Message) -> str:
    return f"{escape(message['by'])} has taken the caller"


def dialled(message: Message) -> str:
    return f"calling {escape(message['number'])}: pick up your phone"


def recording(message: Message) -> str:
    why = f": {escape(message['why'])}" if message["why"] else ""
    return f"recording {message['state']}{why}"


def directory(result: Message) -> list[str]:
    """A line for each."""
    lines = [" ".join(filter(None, (f"group:{each['id']}", each["name"]))) for each in result["groups"]]
    lines += [" ".join(filter(None, (f"agent:{each['id']}", each["name"], each["state"]))) for each in result["agents"]]
    if result["left_out"]:
        lines.append(f"and {result['left_out']} more; give a part of the name or id")
    return [escape(each) for each in lines] or ["nobody of that name or id"]


def _place(to: str, name: str) -> str:
    return escape(f"{to} {name}".strip())


def _named(id_: str, name: str) -> str:
    return f"{name} {id_}".strip()
