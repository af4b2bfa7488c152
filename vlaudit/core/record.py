"""The frozen pydantic record on which every noun that crosses a file boundary is built."""

from pydantic import BaseModel, ConfigDict

STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)


class Record(BaseModel):
    """A frozen value that refuses unknown keys, infinities and NaN."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
    )
