"""The page in a real browser: against the real daemon with the simulator, and against a stub for what is rare."""
