"""What holds for every message of the protocol: no unknown fields, no silent conversions; and its kinds of values."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Wire(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


Word = Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]
RequestId = Annotated[int, Field(ge=0, lt=2**53)]
