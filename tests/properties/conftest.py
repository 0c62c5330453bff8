"""How long Hypothesis looks, and whether it makes what it found shorter, which may take minutes.

--hypothesis-profile=shrink      the default's search, then the shortest story that fails
--hypothesis-profile=thorough    a night's search
"""

from hypothesis import HealthCheck, Phase, settings

_SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
_SEARCH = [Phase.explicit, Phase.reuse, Phase.generate]

settings.register_profile(
    "fast",
    max_examples=250,
    stateful_step_count=80,
    phases=_SEARCH,
    deadline=None,
    derandomize=True,  # a check before a change lands must not fail by luck; `thorough` searches anew each time
    print_blob=True,
    suppress_health_check=_SLOW,
)
settings.register_profile("shrink", settings.get_profile("fast"), phases=[*_SEARCH, Phase.shrink])
settings.register_profile(
    "thorough", settings.get_profile("shrink"), max_examples=4_000, stateful_step_count=150, derandomize=False
)
settings.load_profile("fast")
