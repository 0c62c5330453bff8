"""A real Asterisk for each test; see tests/pbx."""

from tests.pbx.fixtures import boot_pbx, pbx_tree

__all__ = ["boot_pbx", "pbx_tree"]
