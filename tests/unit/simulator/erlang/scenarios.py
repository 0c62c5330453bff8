"""A tiny centre to search crews for: two groups, a crew for each, and one for both."""

TINY = """
title = "Tiny"
about = "Two lines and three crews."
begins = 2026-03-02T00:00:00
zone = "UTC"
days = 1
replications = 2

[[demand]]
entry = "1"
calls_per_h = { "00:00" = 0, "10:00" = 60, "12:00" = 0 }
[[demand]]
entry = "2"
calls_per_h = { "00:00" = 0, "10:00" = 30, "12:00" = 0 }
talk_s = { exponential = 240 }

[people]
talk_s = { exponential = 120 }
patience_s = { exponential = 200 }
retry_probability = 0.0
answer_s = 2
wrap_up_s = 10
miss_probability = 0.0
reject_probability = 0.0
break_every_s = "never"

[[crews]]
id = "ones"
agents = 3
skills = { one = 5 }
shifts = ["09:55-12:05"]
[[crews]]
id = "twos"
agents = 2
skills = { two = 5 }
shifts = ["09:55-12:05"]
[[crews]]
id = "both"
agents = 2
skills = { one = 5, two = 5 }
shifts = ["09:55-12:05"]

[[groups]]
id = "one"
needs = { one = 1 }
wrap_up_s = 30
[[groups]]
id = "two"
needs = { two = 1 }
wrap_up_s = 30

[[entry_points]]
number = "1"
group = "one"
[[entry_points]]
number = "2"
group = "two"

[[promises]]
figure = "service_level"
within_s = 20
at_least = 0.75
[[promises]]
figure = "answered_share"
at_least = 0.85
"""


def tiny(folder, text=TINY):
    path = folder / "tiny.toml"
    path.write_text(text)
    return path
