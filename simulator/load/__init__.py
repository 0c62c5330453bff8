"""Load from outside: a simulated Asterisk, real agents' clients, a ramp of rates, and what a daemon makes of it."""
