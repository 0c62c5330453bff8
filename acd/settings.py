"""Configuration files to plain frozen values, with messages that name file, key, value and what is allowed."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class Section(BaseModel):
    """What holds for every table of the file: no unknown keys, no silent conversions."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class AsteriskSettings(Section):
    """How to reach Asterisk's manager interface."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 5038
    user: Annotated[str, Field(min_length=1)] = "switchyard"
    secret: SecretStr
