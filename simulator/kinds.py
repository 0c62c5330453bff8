"""The kinds of callers: how those of one entry point differ from everybody's."""

from dataclasses import dataclass, fields, replace

from simulator.distributions import Distribution


@dataclass(frozen=True, slots=True)
class Kind:
    """As the settings of the same names tell; None: as everybody."""

    patience_s: Distribution | None = None
    talk_s: Distribution | None = None
    wrap_up_s: Distribution | None = None
    """The work after a call of such a caller, whoever takes it."""
    retry_probability: float | None = None
    retry_after_s: Distribution | None = None
    vip_share: float | None = None

    def __post_init__(self) -> None:
        for name in ("retry_probability", "vip_share"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise ValueError(f"{name} is from 0 to 1, not {value:g}")

    def scaled(self, shorter: float) -> "Kind":
        """The same, with every duration times `shorter`."""
        durations = {name: value.scaled(shorter) for name in DURATIONS if (value := getattr(self, name)) is not None}
        return replace(self, **durations)


DURATIONS = tuple(each.name for each in fields(Kind) if each.name.endswith("_s"))
