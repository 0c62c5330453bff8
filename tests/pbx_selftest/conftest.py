"""The harness's own fixtures for its own tests."""

from tests.pbx.fixtures import boot_pbx, pbx_tree

__all__ = ["boot_pbx", "pbx_tree"]
