"""The PBXs that the core can drive, each behind the one port of :mod:`acd.cti_adapters.base`."""
