"""What can be known before anything is started: whether the run can be had here."""

from __future__ import annotations

from acd.web.server import CLIENTS_MAX
from simulator.load.daemon import LoadFailed
from simulator.load.machine import raise_file_limit
from simulator.load.plan import Plan

FILES_BESIDE = 200
ONLOOKERS = 1


def check(plan: Plan) -> None:
    """Raise LoadFailed for what can't be done here."""
    _rates(plan)
    _clients(plan)
    _files(plan)


def _rates(plan: Plan) -> None:
    too_high = [rate for rate in plan.rates if rate > plan.rate_max()]
    if too_high:
        most = f"{plan.centre.agents} agents take {plan.rate_max():g} calls a second at most"
        raise LoadFailed(f"--rates {too_high[0]:g}: {most}; give more --agents")


def _clients(plan: Plan) -> None:
    clients = plan.centre.agents + plan.centre.supervisors + plan.centre.slow + ONLOOKERS
    if clients > CLIENTS_MAX:
        what = f"--agents {plan.centre.agents}: with supervisors that is {clients} clients"
        raise LoadFailed(f"{what}, and a daemon takes {CLIENTS_MAX}; give fewer")


def _files(plan: Plan) -> None:
    needed = plan.centre.agents + plan.centre.supervisors + plan.centre.slow + FILES_BESIDE
    may = raise_file_limit()
    if may < needed:
        more = f"`ulimit -Hn {needed}` as root, or LimitNOFILE in systemd"
        raise LoadFailed(
            f"a process may open {may} files here, and the daemon needs {needed}: raise the limit ({more})"
        )
