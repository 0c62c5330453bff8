"""How many agents: Erlang's formulas and their inverses, the railway's, and a search by simulation (`acd staff`)."""
