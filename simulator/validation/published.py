"""What ContactCenters publishes of its own examples: doc/examples/*.res of umontreal-simul/contactcenters.

Each is the mean of 1000 replications, in minutes and calls, with the half-width of its 95 % confidence interval; where
the report prints the interval too coarsely, the half-width is 1.96 times its standard deviation over the root of 1000.

`whole` None: a mean over replications. Else a ratio of two means, as the reports have it.
"""

from typing import NamedTuple


class Figure(NamedTuple):
    """One line of a report: what was counted, over what, and what came of it."""

    name: str
    part: str
    """A field of `simulator.validation.days.Day`; so is `whole`, if it isn't a known number."""
    whole: str | float | None
    mean: float
    half_width: float


MMC = (
    Figure("service level: in target / served", "in_target", "served", 0.902, 0.00205),
    Figure("mean wait of the served, min", "waited_min", "served", 0.099, 0.00279),
    Figure("occupancy over the 8 hours", "busy_open_min", 12 * 480.0, 0.695, 0.00143),
    Figure("calls in target", "in_target", None, 1816.158, 3.54),
)

MMC_AB = (
    Figure("calls abandoned", "abandoned", None, 58.609, 0.949),
    Figure("calls in target", "in_target", None, 1906.008, 2.223),
    Figure("in target / served", "in_target", "served", 0.975, 0.00049),
    Figure("service level: in target / (served + abandoned late)", "in_target", "served_or_late", 0.968, 0.00061),
    Figure("mean wait of the served, min", "waited_min", "served", 0.024, 0.00037),
    Figure("occupancy over the 8 hours", "busy_open_min", 12 * 480.0, 0.675, 0.00118),
)

TELETHON = (
    Figure("calls", "arrived", None, 1000.169, 2.058),
    Figure("calls served", "served", None, 963.109, 1.737),
    Figure("calls blocked", "blocked", None, 0.0, 0.0),
    Figure("calls abandoned", "abandoned", None, 31.820, 0.648),
    Figure("messages left after 2 minutes", "messages", None, 4.960, 0.184),
    Figure("callers disconnected at closing", "disconnected", None, 0.280, 0.045),
    Figure("calls in target", "in_target", None, 950.265, 1.686),
    Figure("service level: in target / 1000", "in_target", 1000.0, 0.95026, 0.00169),
    Figure("mean wait of the served, min", "waited_min", "served", 0.036, 0.00074),
    Figure("occupancy, talks ended after closing counted", "busy_min", 12 * 1200.0, 0.66772, 0.00164),
    Figure("occupancy while open", "busy_open_min", 12 * 1200.0, 0.64049, 0.00155),
)
