"""Why: for a call, who could have had it and why this agent; for an agent, why none of the waiting calls.

An explanation is data first (`facts`, `entries`, `answers`: plain values, JSON by `answers.as_json`), and text second
(`text`, with the words of a language). What happened is seen by a :class:`acd.explain.witness.Witness`, which is a
:class:`acd.callflow.CallFlow` that looks before each decision; the daemon's own never does, so it pays nothing.

    past.of_call(journal, call)            the whole story of a call, by replaying
    past.of_agent(journal, agent, at)      what an agent was doing, and why, at some instant
    present.why_live(router, now, call=…)  what the live state says
"""
