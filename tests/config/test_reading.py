from pathlib import Path

import pytest
import yaml
from ruamel.yaml import YAML

from tribar.config.reading import parse_yaml, read_params
from tribar.config.schema import Params
from tribar.errors import UserError
from tribar.model.config import TrainingParams
from tribar.search.config import SamplerParams
from tribar.study.config import TuneParams
from tribar.trial.pruning.config import PrunerParams

FAULTS = [
    ("tune.ntrials=3", "tune.ntrials: unknown parameter; did you mean tune.n_trials?"),
    ("evaluate.block=20", "evaluate.block: gone, "),
    ("n_trials=3", "n_trials: unknown parameter; did you mean tune.n_trials?"),
    ("prepare.window=wide", "prepare.window: input should be a valid integer (it is 'wide')"),
    ("prepare.window=1", "prepare.window: input should be greater than or equal to 2 (it is 1)"),
    ("prepare.window=60.5", "prepare.window: input should be a valid integer"),
    ("base.seed='42'", "base.seed: input should be a valid integer (it is '42')"),
    ("base.seed=true", "base.seed: input should be a valid integer"),
    ("training.clip_norm=.inf", "training.clip_norm: input should be a finite number"),
    (
        "model.skip_start=at",
        "model.skip_start: input should be 'logistic' or 'random' (it is 'at')",
    ),
    ("tune.sampler.name=best", "tune.sampler.name: input should be 'tpe', 'random', 'qmc'"),
    ("tune.pruner.name=axe", "tune.pruner.name: input should be 'none', 'median', 'percentile'"),
    ("training.device=tpu", "training.device: input should be 'auto', 'cpu' or 'cuda'"),
    ("prepare.kind=ticks", "prepare.kind: input should be 'bars' or 'labelled'"),
    (
        "prepare.splits.train=0.9",
        "prepare.splits.train: train + validation is 1.05; keep",
    ),
    ("prepare.features=[]", "prepare.features: "),
    ("baseline=3", "baseline: input should be an object (it is 3)"),
    ("tune.space.hidden_dim.low=500", "tune.space.hidden_dim.low: 500 is above high 96"),
    (
        "tune.space.learning_rate.low=0",
        "tune.space.learning_rate.low: it is 0, and a log",
    ),
    ("tune.space.learning_rate.step=0.1", "tune.space.learning_rate.step: log and step exclude"),
    ("tune.space.dropout.typ=int", "tune.space.dropout.typ: unknown parameter"),
    (
        "tune.space.depth={type: fixed, value: 2}",
        "tune.space.depth: unknown hyperparameter; known: learning_rate, batch_size",
    ),
    (
        "tune.space.hiden_dim={type: int, low: 8, high: 16}",
        "tune.space.hiden_dim: unknown hyperparameter; did you mean hidden_dim?",
    ),
    (
        "tune.space.dropout.when={hiden_dim: 32}",
        "tune.space.dropout.when.hiden_dim: no dimension of the space; did you mean hidden_dim?",
    ),
    ("tune.space.batch_size={type: list}", "tune.space.batch_size: input tag 'list' found"),
    ("base.seed.root=3", "-S base.seed.root=3: base.seed is a value, not a block"),
    ("tune.n_trials", "-S tune.n_trials: write it as key=value"),
    ("tune.n_trials=[", "-S tune.n_trials=[: the value is not valid YAML"),
    ("tracking.experiment=2024-02-30", "-S tracking.experiment=2024-02-30: the value is not valid"),
    ("base.seed=0x_", "-S base.seed=0x_: the value is not valid YAML"),
    ("base.seed=!!bool maybe", "-S base.seed=!!bool maybe: the value is not valid YAML"),
    ("base.seed=&a [*a]", "-S base.seed=&a [*a]: the value is not valid YAML"),
    ("baseline.dropout=[0.1, x]", "baseline.dropout.1: input should be a valid number (it is 'x')"),
    (
        "tune.space.features={type: fixed, value: 3}",
        "tune.space.features: input should be a valid string (it can be 3)",
    ),
    (
        f"prepare.labels.horizon={10**30}",
        "prepare.labels.horizon: input should be less than or equal to 1000000",
    ),
    ("tune.lag=1:30", "tune.lag: input should be a valid integer (it is '1:30')"),
    ("model.layer_norm=yes", "model.layer_norm: input should be a valid boolean (it is 'yes')"),
    (
        "tune.space.batch_size={type: categorical, choices: []}",
        "tune.space.batch_size.choices: it is empty; give at least 1 (it is [])",
    ),
    (
        "tune.space.batch_size={type: categorical, choices: [null, 32]}",
        "tune.space.batch_size.choices.0: input should be a valid boolean or integer or number or",
    ),
    (
        "tune.space.batch_size={type: categorical, choices: [32, 64, 32]}",
        "tune.space.batch_size.choices: 32 stands twice; drop one",
    ),
    ("tune.objective.metrics=[log_loss, log_loss]", "tune.objective.metrics: log_loss stands"),
    ("base.seed={[a: 1]: 2}", "-S base.seed={[a: 1]: 2}: the value is not valid YAML"),
    ("base.seed=!!timestamp foo", "-S base.seed=!!timestamp foo: the value is not valid YAML"),
]


@pytest.fixture
def path(repository: Path) -> Path:
    return repository / "params.yaml"


@pytest.mark.parametrize(("override", "message"), FAULTS)
def test_a_fault_is_named_with_its_path_and_remedy(override: str, message: str, path: Path) -> None:
    with pytest.raises(UserError) as error:
        read_params(path, [override])
    assert f"\n  {message}" in str(error.value)
    assert "1 parameter(s) to mend" in str(error.value)


def test_parameters_that_do_not_fit_together_are_a_line_each(path: Path) -> None:
    with pytest.raises(UserError) as error:
        read_params(
            path, ["tune.sampler.name=brute_force", "tune.pruner.name=wilcoxon", "base.seed=-1"]
        )
    for part in ("base.seed: ", "tune.sampler.name: brute_force", "tune.pruner.name: wilcoxon"):
        assert f"\n  {part}" in str(error.value)
    assert "3 parameter(s) to mend" in str(error.value)


def test_a_value_of_no_type_that_is_allowed_is_one_line(path: Path) -> None:
    with pytest.raises(UserError, match=r"1 parameter\(s\) to mend:\n  tune.space.cell.choices.0"):
        read_params(path, ["tune.space.cell={type: categorical, choices: [null]}"])


def test_all_faults_come_at_once(path: Path) -> None:
    overrides = [override for override, _ in FAULTS if not override.startswith("baseline")]
    with pytest.raises(UserError) as error:
        read_params(path, overrides)
    for part in (
        "tune.ntrials",
        "prepare.window",
        "model.skip_start",
        "prepare.features",
        "tune.space",
    ):
        assert f"\n  {part}" in str(error.value)


def test_overrides_are_typed_as_the_file_is(path: Path) -> None:
    params = read_params(path, ["training.learning_rate=1e-4", "training.weight_decay=1"])
    assert params.training.learning_rate == 1e-4
    assert params.training.weight_decay == 1.0


def test_a_list_is_appended_to_a_list(path: Path) -> None:
    plain = read_params(path).prepare.features
    longer = read_params(path, ["prepare.features+=[rsi_7, gap]", "prepare.features+=[return_2]"])
    assert longer.prepare.features == (*plain, "rsi_7", "gap", "return_2")
    for override in ("prepare.features+=gap", "prepare.window+=[1]", "prepare.featurs+=[gap]"):
        with pytest.raises(UserError, match=r"\+= appends a list to a list; write prepare\."):
            read_params(path, [override])


def test_a_missing_parameter_is_named(path: Path, tmp_path: Path) -> None:
    tree = yaml.safe_load(path.read_text())
    del tree["tune"]["lag"], tree["evaluate"]
    broken = tmp_path / "params.yaml"
    broken.write_text(yaml.safe_dump(tree))
    with pytest.raises(UserError) as error:
        read_params(broken)
    assert "\n  tune.lag: missing" in str(error.value)
    assert "\n  evaluate: missing" in str(error.value)


@pytest.mark.parametrize("key", ["1", "null", "true", "2020-01-01", "[1, 2]"])
def test_a_key_that_is_no_text_is_an_unknown_one(key: str, path: Path, tmp_path: Path) -> None:
    broken = tmp_path / "params.yaml"
    broken.write_text(path.read_text().replace("base:\n", f"base:\n  {key}: 3\n") + f"{key}: 3\n")
    with pytest.raises(UserError, match=r"2 parameter\(s\) to mend") as error:
        read_params(broken)
    assert str(error.value).count("unknown parameter") == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("base: {seed: 1", "not valid YAML"),
        ("base: 1\nbase: 2", 'line 2: found duplicate key "base"'),
        ("- a", "holds no parameters"),
        ("", "holds no parameters"),
    ],
)
def test_a_broken_file_is_one_error(text: str, message: str, tmp_path: Path) -> None:
    broken = tmp_path / "params.yaml"
    broken.write_text(text)
    with pytest.raises(UserError, match=message):
        read_params(broken)


def test_merge_keys_are_those_of_yaml_and_own_values_go_before_them(
    path: Path, tmp_path: Path
) -> None:
    def merged(values: str) -> Path:
        text, own = path.read_text(), "\n  cell: lstm\n  hidden_dim: 64\n"
        assert text.count(own) == 1
        file = tmp_path / "params.yaml"
        file.write_text(text.replace(own, f"\n  <<: {{{values}}}{own}"))
        return file

    assert read_params(merged("batch_size: 7, cell: rnn")) == read_params(path)
    with pytest.raises(UserError, match=r"1 parameter\(s\) to mend:\n  baseline.cells: unknown"):
        read_params(merged("cells: 7"))


def test_a_file_in_another_encoding_is_one_error(path: Path, tmp_path: Path) -> None:
    broken = tmp_path / "params.yaml"
    broken.write_bytes(path.read_text().replace("tribar", "tr\u00efbar").encode("latin-1"))
    with pytest.raises(UserError, match="not UTF-8"):
        read_params(broken)


@pytest.mark.parametrize("layers", ["three", "0.5", "1000000000", "0"])
def test_dropouts_of_layers_are_no_matter_where_the_layers_are_at_fault(
    layers: str, path: Path
) -> None:
    one = f"dropout_1: {{type: fixed, value: 0.1}}, num_layers: {{type: fixed, value: {layers}}}"
    with pytest.raises(UserError, match=r"1 parameter\(s\) .*\n  tune.space.num_layers: input"):
        read_params(path, [f"tune.space={{{one}}}"])


def test_a_missing_file_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"params.yaml: cannot be read"):
        read_params(tmp_path / "params.yaml")


def test_chosen_values_go_before_the_blocks(path: Path) -> None:
    params = read_params(path)
    hyper = params.training.complete(params.model, hidden_dim=96, weight_decay=0.1)
    assert (hyper.hidden_dim, hyper.weight_decay) == (96, 0.1)
    assert hyper.cell == params.model.cell
    assert hyper.learning_rate == params.training.learning_rate


def test_the_baselines_values_go_before_trainings(path: Path) -> None:
    params = read_params(path, ["training.learning_rate=0.5"])
    assert params.baseline_hyper().learning_rate == 0.001


def test_the_file_holds_every_parameter_and_no_default_hides(path: Path) -> None:
    tree = yaml.safe_load(path.read_text())
    assert set(tree) == set(Params.model_fields)
    assert set(tree["training"]) == set(TrainingParams.model_fields)


SCALARS = (
    "010", "-010", "08", "0o10", "0x1F", "0b11", "1_000", "+1", "-0", "1:30", "0.1:2", "1e3",
    "1e-3", "1.5e3", ".5", "-.5", "5.", "1_0.5", "1e", "e1", ".inf", "-.INF", "yes", "No", "on",
    "y", "true", "FALSE", "True", "tRUE", "~", "", "null", "2024-01-01", "0x", "1-2",
    "1_", "1__0", "._5",
)  # fmt: skip


@pytest.mark.parametrize("scalar", SCALARS)
def test_a_value_is_what_dvc_reads_in_the_same_file(scalar: str) -> None:
    text = f"key: {scalar}\n"
    assert repr(parse_yaml(text)) == repr(YAML(typ="safe").load(text))


INACTIVE = {
    "heads: {type: int, low: 1, high: 4}": "pooling multi_head",
    "dropout_4: {type: float, low: 0.0, high: 0.5}": "num_layers 4 or more",
    "dropout_3: {type: float, low: 0.0, high: 0.5, when: {num_layers: 2}}": "num_layers 3 or more",
    "momentum: {type: float, low: 0.1, high: 0.9}": "optimizer sgd",
    "momentum: {type: float, low: 0.1, high: 0.9, when: {pooling: last}}": "optimizer sgd",
}


@pytest.mark.parametrize("dimension", INACTIVE)
def test_a_dimension_that_decides_nothing_is_refused(dimension: str, path: Path) -> None:
    name, _, value = dimension.partition(": ")
    with pytest.raises(UserError) as error:
        read_params(path, [f"tune.space.{name}={value}"])
    text = f"no trial that has it can have {INACTIVE[dimension]}; allow that, or drop this"
    assert f"\n  tune.space.{name}: {text}" in str(error.value)
    assert "1 parameter(s) to mend" in str(error.value)


def test_a_dimension_that_some_trials_have_a_use_for_is_searched(path: Path) -> None:
    optimizer = "{type: categorical, choices: [adam, sgd]}"
    momentum = "{type: float, low: 0.1, high: 0.9}"
    for when in ("", ", when: {optimizer: sgd}"):
        changes = [f"tune.space.optimizer={optimizer}", f"tune.space.momentum={momentum}"]
        changes[1] = changes[1].replace("}", f"{when}}}")
        read_params(path, changes)
    read_params(path, ["tune.space.momentum={type: fixed, value: 0.9}"])


RARE = (
    (
        "averaging={type: categorical, choices: [none, ema, swa]}",
        "swa_start={type: int, low: 1, high: 3, "
        "when: {hidden_dim: [96], num_layers: 3, batch_size: 64}}",
    ),
    (
        "schedule={type: categorical, choices: [constant, cosine, one_cycle, plateau, warmup]}",
        "warmup_epochs={type: float, low: 0.1, high: 0.9, when: {hidden_dim: 16, dropout: 0.0}}",
    ),
    (
        "optimizer={type: categorical, choices: [adam, adamw, radam, sgd]}",
        "momentum={type: float, low: 0.1, high: 0.9, "
        "when: {hidden_dim: 32, batch_size: 128, dropout: 0.5}}",
    ),
    ("dropout_3={type: float, low: 0.0, high: 0.5, when: {num_layers: [2, 3]}}",),
    (
        "cell={type: categorical, choices: [lstm, gru]}",
        "pooling={type: categorical, choices: [mean, multi_head], when: {cell: gru}}",
        "heads={type: categorical, choices: [1, 2, 4], when: {batch_size: 64}}",
    ),
)


@pytest.mark.parametrize("dimensions", RARE, ids=str)
def test_a_dimension_that_rare_trials_have_a_use_for_is_searched(
    dimensions: tuple[str, ...], path: Path
) -> None:
    read_params(path, [f"tune.space.{one}" for one in dimensions])


def test_what_is_left_out_of_tune_has_the_value_that_params_yaml_ships(path: Path) -> None:
    tune = read_params(path).tune
    assert tune == TuneParams(
        n_trials=tune.n_trials,
        seed=tune.seed,
        lag=tune.lag,
        sampler=SamplerParams(name=tune.sampler.name),
        pruner=PrunerParams(name=tune.pruner.name),
        space=tune.space,
    )
