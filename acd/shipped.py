"""The files that come with Switchyard: example configurations, Asterisk's dialplan and manager account."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def config_folder() -> Path:
    """Where they are: in the installed package, or beside it in a checkout."""
    installed = _PACKAGE / "config"
    return installed if installed.is_dir() else _PACKAGE.parent / "config"
