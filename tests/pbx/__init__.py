"""A real Asterisk and real SIP phones for the tests and the benchmarks, all on loopback."""
