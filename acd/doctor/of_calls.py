"""Checks of what a call needs in Asterisk: its events, its music, its prompts, its phones. Pure."""

from collections.abc import Iterator

from acd.doctor import questions
from acd.doctor.case import Case, devices, prompts
from acd.doctor.case import trunks as trunks_of
from acd.doctor.findings import Finding, ok, problem, skipped, warning
from acd.doctor.heard import Heard

MUSIC_S_MIN = 0.5
"""The trial call asks for a second of music; where there is none it is over at once."""


def events(case: Case, heard: Heard) -> Iterator[Finding]:
    """Whether the two events by which Switchyard lives reach it."""
    trial, user = heard.trial, case.asterisk.user
    if not (trial.responded or trial.steps):
        yield (
            skipped("events", "events.untried") if not _may_try(heard) else problem("events", "events.none", user=user)
        )
    elif not trial.responded:
        yield problem("events", "events.no-response", user=user)
    elif not trial.steps and questions.knows_trial(heard):
        yield problem("events", "events.no-word", user=user)
    elif not trial.steps:
        yield skipped("events", "events.no-context")
    else:
        yield ok("events", "events")


def _may_try(heard: Heard) -> bool:
    told = heard.reply(questions.COMMANDS).response
    return told is not None and "Originate" in told


def event_filter(case: Case, heard: Heard) -> Iterator[Finding]:
    """Whether events of others are held back."""
    trial = heard.trial
    others = tuple(name for name, _ in trial.events.most_common())
    values = {"user": case.asterisk.user, "others": others, "n": trial.events.total()}
    if not (trial.responded or trial.steps):
        yield skipped("filter", "filter.untried")
    elif not others:
        yield ok("filter", "filter", **values)
    else:
        yield warning("filter", "filter.none", **values)


def music(_case: Case, heard: Heard) -> Iterator[Finding]:
    at = heard.trial.at
    if "redirect" not in at or "music" not in at:
        yield skipped("music", "music.untried")
    elif at["music"] - at["redirect"] < MUSIC_S_MIN:
        yield problem("music", "music.none")
    else:
        yield ok("music", "music")


def sounds(case: Case, heard: Heard) -> Iterator[Finding]:
    """Whether the prompts that the configuration names are there."""
    named, seen = prompts(case.settings), case.machine.sounds
    if not named:
        return
    folder = f"{heard.value(questions.DATA_FOLDER) or '/var/lib/asterisk'}/sounds"
    if seen is None:
        yield skipped("prompts", "prompts.unseen", prompts=named, n=len(named), folder=folder)
        return
    lost = tuple(name for name in named if not seen[name])
    if lost:
        yield warning("prompts", "prompts.lost", lost=lost, n=len(lost), folder=folder)
    else:
        yield ok("prompts", "prompts", n=len(named), folder=folder)


def phones(case: Case, heard: Heard) -> Iterator[Finding]:
    """Whom Asterisk doesn't know can never be rung; who isn't registered may come yet."""
    whose = devices(case.settings, case.pbx)
    if not whose and case.pbx:
        return
    states = {device: heard.value(questions.device_state(device)) for device in whose}
    if not heard.value(questions.DEVICE_STATES):
        yield skipped("phones", "phones.unknown")
        return
    unknown = tuple(f"{device} ({whose[device]})" for device, state in states.items() if state == "INVALID")
    away = tuple(f"{device} ({whose[device]})" for device, state in states.items() if state == "UNAVAILABLE")
    if unknown:
        yield problem("phones", "phones.nobody", phones=unknown, n=len(unknown), of=len(states))
    if away:
        yield warning("phones", "phones.away", phones=away, n=len(away), of=len(states))
    if not unknown and not away:
        yield ok("phones", "phones", n=len(states))


def trunks(case: Case, heard: Heard) -> Iterator[Finding]:
    """Whether Asterisk knows the trunks by which it rings the phones of others."""
    states = {
        f"{questions.endpoint(device)} ({other})": heard.value(questions.device_state(device))
        for other, device in trunks_of(case.settings, case.pbx).items()
    }
    if states and not heard.value(questions.DEVICE_STATES):
        yield skipped("trunks", "phones.unknown")
        return
    unknown = tuple(trunk for trunk, state in states.items() if state == "INVALID")
    away = tuple(trunk for trunk, state in states.items() if state == "UNAVAILABLE")
    if unknown:
        yield problem("trunks", "trunks.nobody", trunks=unknown, n=len(unknown), table=case.table)
    if away:
        yield warning("trunks", "trunks.away", trunks=away, n=len(away))
    if states and not unknown and not away:
        yield ok("trunks", "trunks", n=len(states))
