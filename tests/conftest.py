"""What every test may ask for."""

from tests.pbx.fixtures import boot_pbx, pbx_tree  # noqa: F401
