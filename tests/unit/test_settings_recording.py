"""How recordings' files may be called."""

import pytest
from pydantic import ValidationError

from acd.settings import RecordingSettings

GOOD = ("{call}", "{date}/{group}/{time}-{call}", "calls/{year}/{month}-{day}/{agent}_{caller_number}@{entry}={call}")
BAD = {
    "{date}/{time}": "{call} in it, or two calls",
    "{call}-{name}": "{name} is no field; there are: {date}, {year}",
    "/srv/{call}": "can't begin with a / or lead out of the folder",
    "../{call}": "no name begins with a dot",
    "a/../{call}": "lead out of the folder",
    ".{call}": "no name begins with a dot",
    "{call}/": "letters, digits",
    "a//{call}": "letters, digits",
    "{call},b": "letters, digits",
    "{call}|x": "letters, digits",
    "${EXTEN}-{call}": "{EXTEN} is no field",
    "{call": "letters, digits",
    "{call!r}": "{call!r} is no field",
    "{call:>9}": "{call:>9} is no field",
    "{}-{call}": "{} is no field",
    "录音-{call}": "letters, digits",
}


@pytest.mark.parametrize("template", GOOD)
def test_good_names(template: str) -> None:
    assert RecordingSettings(file=template).file == template


@pytest.mark.parametrize("template", BAD)
def test_what_is_wrong_with_a_name_is_said(template: str) -> None:
    with pytest.raises(ValidationError) as error:
        RecordingSettings(file=template)
    assert BAD[template] in str(error.value)


@pytest.mark.parametrize("folder", ["calls", "/", "/srv/../etc", "/srv/", "/srv/a b", "/srv/${X}", "/srv/a,b"])
def test_a_folder_is_a_whole_path(folder: str) -> None:
    with pytest.raises(ValidationError, match="folder"):
        RecordingSettings(folder=folder)


def test_a_folder() -> None:
    assert RecordingSettings(folder="/srv/calls-1/x.y").folder == "/srv/calls-1/x.y"


def test_a_zone_must_be_known() -> None:
    assert RecordingSettings(zone="Asia/Shanghai").zone == "Asia/Shanghai"
    with pytest.raises(ValidationError, match="Asia/Shanghai"):
        RecordingSettings(zone="Asia/Nowhere")
