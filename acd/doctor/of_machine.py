"""Checks of the configuration's own machine. Pure."""

from collections.abc import Iterator

from acd.doctor.case import Case, links, table
from acd.doctor.findings import Finding, ok, problem, warning

EXAMPLE_SECRETS = ("change-this-secret", "change-this-secret-too")
"""What the shipped files show to everybody."""
OTHERS_MAY_READ = 0o004
FREE_BYTES_MIN, FREE_SEGMENTS_MIN = 200 << 20, 3
"""With less room than the first it is a problem; with less than so many segments of the journal a warning."""


def config(case: Case) -> Iterator[Finding]:
    """That it loads is known already: this says what it is."""
    of = case.settings
    yield ok("config", "config", path=case.path, groups=len(of.groups), agents=len(of.agents), adapter=of.adapter)


def file_mode(case: Case) -> Iterator[Finding]:
    if exposes_secret(case.machine.mode) and links(case.settings):
        yield warning("file-mode", "file-mode.open", path=case.path, mode=f"{case.machine.mode:o}")
    else:
        yield ok("file-mode", "file-mode", path=case.path, mode=f"{case.machine.mode:o}")


def exposes_secret(mode: int) -> bool:
    """Whether everybody on this machine may read a file of that mode."""
    return bool(mode & OTHERS_MAY_READ)


def secret(case: Case) -> Iterator[Finding]:
    secrets = {name: each.secret.get_secret_value() for name, each in links(case.settings).items()}
    exposed = tuple(table(name) for name, its in secrets.items() if its in EXAMPLE_SECRETS)
    if exposed:
        yield warning("secret", "secret.example", path=case.path, tables=exposed)
    elif secrets:
        yield ok("secret", "secret")


def passwords(case: Case) -> Iterator[Finding]:
    people = {each.id: each.password_hash for each in case.settings.agents}
    people |= {each.id: each.password_hash for each in case.settings.supervisors}
    exposed = tuple(id for id, its in people.items() if its.get_secret_value() in case.machine.example_hashes)
    if exposed:
        yield warning("passwords", "passwords.example", people=exposed, n=len(exposed))
    else:
        yield ok("passwords", "passwords", n=len(people))


def journal(case: Case) -> Iterator[Finding]:
    machine, server = case.machine, case.settings.server
    values = {"journal": server.journal, "folder": machine.journal_folder, "free": _size(machine.journal_free_bytes)}
    if not machine.journal_writable:
        yield problem("journal", "journal.closed", **values)
    elif machine.journal_free_bytes < FREE_BYTES_MIN:
        yield problem("journal", "journal.full", **values)
    elif machine.journal_free_bytes < FREE_SEGMENTS_MIN * server.journal_mb_max << 20:
        yield warning("journal", "journal.tight", **values, segment=server.journal_mb_max)
    else:
        yield ok("journal", "journal", **values)


def _size(count: int) -> str:
    return f"{count / (1 << 30):.1f} GB" if count >= 1 << 30 else f"{count >> 20} MB"


def web(case: Case) -> Iterator[Finding]:
    server, machine = case.settings.server, case.machine
    values = {"host": server.host, "port": server.port, "why": machine.web_why}
    if machine.web in ("free", "ours"):
        yield ok("web", f"web.{machine.web}", **values)
    else:
        yield problem("web", f"web.{machine.web}", **values)


def hours(case: Case) -> Iterator[Finding]:
    for zone, now in case.machine.zones.items():
        yield ok("hours", "hours", zone=zone, now=now)
