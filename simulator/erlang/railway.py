"""The railway's own staffing formula, from the operating guidance for railway customer service centres.

    agents = monthly calls x mean handling time x answer rate
             / (monthly working time per person x attendance x utilisation of working time)

It knows no waiting: it says how many people the work of a month takes. The guidance wants at least 85 % of calls
answered by people, day and night; how many must sit at which hour say Erlang's formulas or the simulator.
"""

from dataclasses import dataclass, fields
from math import ceil

ANSWERED_BY_PEOPLE = 0.85
"""What the guidance wants at least."""


@dataclass(frozen=True, slots=True)
class Railway:
    """The formula's terms; shares are from 0 to 1."""

    monthly_calls: float
    aht_s: float
    answer_rate: float
    """The share of calls that people answer."""
    monthly_hours: float
    """One person's working time in a month."""
    attendance: float
    """The share of it that the person is there, not on leave or ill or in training."""
    utilisation: float
    """The share of the time there that goes to calls."""

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            high, wanted = (1.0, SHARE) if each.name in SHARES else (MOST, NUMBER)
            if not 0 < value <= high and (each.name, value) != ("monthly_calls", 0):
                raise ValueError(f"{each.name.replace('_', ' ')} is {wanted}, not {value:g}")

    @property
    def work_h(self) -> float:
        """The month's handling, in hours."""
        return self.monthly_calls * self.aht_s * self.answer_rate / 3600

    @property
    def person_h(self) -> float:
        """Of the month's hours, those that one person handles calls."""
        return self.monthly_hours * self.attendance * self.utilisation

    @property
    def exact(self) -> float:
        return self.work_h / self.person_h

    @property
    def agents(self) -> int:
        return ceil(round(self.exact, 9))

    @property
    def is_enough(self) -> bool:
        """Whether the answer rate is at least what the guidance wants."""
        return self.answer_rate >= ANSWERED_BY_PEOPLE


SHARES = ("answer_rate", "attendance", "utilisation")
SHARE, NUMBER = "a share above 0 and at most 1", "a finite number above 0"
MOST = 1e300
