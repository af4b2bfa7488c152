from collections.abc import Mapping
from pathlib import Path

import pytest

from vlaudit.core.config import Config, DataConfig, ProbesConfig, TargetConfig
from vlaudit.core.errors import InputError
from vlaudit.core.probe import Card
from vlaudit.reading.config import check_probes, read_config
from vlaudit.reading.override import Value

MINIMAL = "target: {model: RN50}\ndata: {source: pics}\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "v.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def lines(
    path: Path | None,
    *,
    overrides: Mapping[str, Value] | None = None,
    environ: Mapping[str, str] | None = None,
    cards: Mapping[str, Card] | None = None,
) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_config(path, overrides=overrides, environ=environ, cards=cards)
    where = str(path) if path else "unnamed"
    return [line.replace(where, "v.yaml") for line in caught.value.problems]


def test_a_file_is_read(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, MINIMAL + "claims: [robustness]\n"))
    assert config == Config(
        target=TargetConfig(model="RN50"),
        data=DataConfig(source="pics"),
        claims=("robustness",),
    )


def test_flags_come_before_environment_and_that_before_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, MINIMAL + "seed: 1\noutput: a\npolicy: ci\n")
    config = read_config(
        path,
        environ={"VLAUDIT_SEED": "2", "VLAUDIT_OUTPUT": "b", "HOME": "/home/x"},
        overrides={"seed": 3},
    )
    assert (config.seed, config.output, config.policy) == (3, "b", "ci")


@pytest.mark.parametrize(
    ("name", "text", "path", "value"),
    [
        ("VLAUDIT_TARGET__MODEL", "50", ("target", "model"), "50"),
        ("VLAUDIT_TARGET__MODEL", "hf-hub:a/b", ("target", "model"), "hf-hub:a/b"),
        ("VLAUDIT_TARGET__MODEL", "a: b", ("target", "model"), "a: b"),
        ("VLAUDIT_TARGET__MODEL", "[x", ("target", "model"), "[x"),
        ("VLAUDIT_TARGET__THREADS", "3", ("target", "threads"), 3),
        ("VLAUDIT_TARGET__THREADS", "null", ("target", "threads"), None),
        ("VLAUDIT_TARGET__ALLOW_PICKLE", "true", ("target", "allow_pickle"), True),
        ("VLAUDIT_BUDGET__MINUTES", "1.5", ("budget", "minutes"), 1.5),
        ("VLAUDIT_PROBES__SELECT", "bias, privacy", ("probes", "select"), ("bias", "privacy")),
        ("VLAUDIT_PROBES__SELECT", "[bias]", ("probes", "select"), ("bias",)),
        ("VLAUDIT_PROBES__SELECT", "bias", ("probes", "select"), ("bias",)),
        ("VLAUDIT_DATA__COLUMNS__GROUPS", "a,b", ("data", "columns", "groups"), ("a", "b")),
        ("vlaudit_seed", "1", ("seed",), 0),
    ],
)
def test_environment_values_take_the_type_of_their_key(
    tmp_path: Path, name: str, text: str, path: tuple[str, ...], value: object
) -> None:
    found: object = read_config(write(tmp_path, MINIMAL), environ={name: text})
    for key in path:
        found = getattr(found, key)
    assert found == value


def test_settings_of_a_probe_are_set_from_outside(tmp_path: Path, cards: dict[str, Card]) -> None:
    config = read_config(
        write(tmp_path, MINIMAL),
        environ={"VLAUDIT_PROBES__SETTINGS__BIAS__PARITY__RESAMPLES": "50"},
        overrides={"probes.settings.bias.parity.prompt": "the {}"},
        cards=cards,
    )
    assert config.probes.settings == {"bias.parity": {"resamples": 50, "prompt": "the {}"}}


def test_errors_name_where_a_value_came_from(tmp_path: Path) -> None:
    said = lines(
        write(tmp_path, MINIMAL + "sede: 4\n"),
        environ={"VLAUDIT_TARGET__DEVIC": "cpu", "VLAUDIT_BUDGET": "5"},
        overrides={"seed": "x"},
    )
    assert sorted(said) == [
        'command line (seed): seed: expected a whole number, not "x"',
        "environment (VLAUDIT_BUDGET): budget: expected a mapping of `key: value` lines, not 5",
        "environment (VLAUDIT_TARGET__DEVIC): target: unknown key 'devic'; did you mean 'device'?",
        "v.yaml:3: unknown key 'sede'; did you mean 'seed'?",
    ]


def test_flags_alone_make_a_configuration() -> None:
    config = read_config(None, overrides={"target.model": "RN50", "data.source": "x"})
    assert config.data.source == "x"
    assert lines(None, overrides={"target.model": "RN50"}) == [
        "configuration: missing key 'data'; add `data: ...`"
    ]


def test_a_flag_replaces_what_cannot_hold_it(tmp_path: Path) -> None:
    path = write(tmp_path, "target: RN50\ndata: {source: pics}\n")
    assert read_config(path, overrides={"target.model": "RN101"}).target.model == "RN101"


def test_names_of_probes_and_settings_are_checked_at_once(
    tmp_path: Path, cards: dict[str, Card]
) -> None:
    text = MINIMAL + (
        "probes:\n"
        "  select: [bias, fairnes, 3]\n"
        "  skip: [bias.party]\n"
        "  settings:\n"
        "    bias.parity:\n"
        "      resample: 10\n"
        "      resamples: 10.5\n"
        "      level: 1\n"
        "      exact: 1\n"
        "      prompt: [a]\n"
        "      sizes: [1, a]\n"
        "    bias.party: {level: 2}\n"
    )
    assert lines(write(tmp_path, text), cards=cards) == [
        "v.yaml:4: probes.select[2]: no probe, risk or tag 'fairnes'; did you mean 'fairness'?",
        "v.yaml:4: probes.select[3]: expected text, not 3",
        "v.yaml:5: probes.skip[1]: no probe, risk or tag 'bias.party'; did you mean 'bias.parity'?",
        "v.yaml:8: probes.settings.bias.parity.resample: bias.parity has no setting 'resample'; "
        "did you mean 'resamples'?",
        "v.yaml:9: probes.settings.bias.parity.resamples: expected a whole number, such as 1000, "
        "not 10.5",
        "v.yaml:11: probes.settings.bias.parity.exact: expected true or false, such as false, "
        "not 1",
        'v.yaml:12: probes.settings.bias.parity.prompt: expected text, such as "a photo of a {}", '
        'not ["a"]',
        "v.yaml:13: probes.settings.bias.parity.sizes: expected a list of numbers, such as "
        '[0.1, 0.2], not [1, "a"]',
        "v.yaml:14: probes.settings.bias.party: no such probe; did you mean 'bias.parity'?",
    ]


def test_a_configuration_made_in_python_is_checked_too(cards: dict[str, Card]) -> None:
    wrong = Config(
        target=TargetConfig(model="x"),
        data=DataConfig(source="y"),
        probes=ProbesConfig(select=("bias",), settings={"bias.parity": {"levl": 0.9}}),
    )
    with pytest.raises(InputError, match="did you mean 'level'"):
        check_probes(wrong, cards)
    check_probes(wrong.model_copy(update={"probes": ProbesConfig(select=("fairness",))}), cards)


def test_a_list_may_stand_in_a_file_of_its_own(tmp_path: Path, cards: dict[str, Card]) -> None:
    listed = cards["bias.parity"].model_copy(update={"settings": {"harms": ["crime: thief"]}})
    known = {**cards, "bias.parity": listed}
    (tmp_path / "harms.txt").write_text("# ours\ncrime: dieb, räuber\n\n animal: ape \n", "utf-8")
    setting = (
        "target: {model: m}\ndata: {source: s}\n"
        "probes: {settings: {bias.parity: {harms: 'file:harms.txt'}}}\n"
    )
    config = read_config(write(tmp_path, setting), cards=known)
    assert config.probes.settings["bias.parity"]["harms"] == ["crime: dieb, räuber", "animal: ape"]
    setting = setting.replace("harms.txt", "gone.txt")
    said = lines(write(tmp_path, setting), cards=known)
    assert any("file:gone.txt cannot be read: No such file" in line for line in said)
