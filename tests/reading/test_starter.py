import re
from typing import Any

import pytest
from pydantic import BaseModel

from vlaudit.core.config import Config
from vlaudit.reading.document import parse
from vlaudit.reading.record import read_record
from vlaudit.reading.starter import starter


def uncommented(text: str) -> str:
    """Take `# ` away before everything that reads as a key or stands in such a block."""
    return re.sub(r"^(\s*)# (?=\s*[a-z_.]+:( |$))", r"\1", text, flags=re.MULTILINE)


def test_the_file_is_a_configuration() -> None:
    config = read_record(parse(starter(), where="vlaudit.yaml"), Config)
    assert config.target.model == "reference:clean"
    assert config.data.source == "reference:clean"


@pytest.mark.parametrize(
    "name", ["local-dir:/a b/c", "hf-hub:a/b", "C:\\x", "3", "null", "é: #x", 'a"b', "ViT-B-32"]
)
def test_names_are_written_so_that_they_read_back(name: str) -> None:
    config = read_record(parse(starter(model=name, source=name), where="f"), Config)
    assert (config.target.model, config.data.source) == (name, name)


def test_what_is_commented_out_is_a_configuration_too() -> None:
    text = uncommented(starter())
    assert text.count("# ") < starter().count("# ")
    read_record(parse(text, where="vlaudit.yaml"), Config)


def test_no_key_is_left_out() -> None:
    value = parse(uncommented(starter()), where="vlaudit.yaml").value

    def missing(model: type[BaseModel], found: Any, path: str) -> list[str]:
        absent = []
        for key, field in model.model_fields.items():
            if key not in found:
                absent.append(f"{path}{key}")
            elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
                absent += missing(field.annotation, found[key], f"{path}{key}.")
        return absent

    assert missing(Config, value, "") == []
