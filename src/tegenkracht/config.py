"""The door: a composed configuration goes in, a frozen `ExperimentSpec` comes out, or every problem at once.

Below this module nothing knows Hydra. `_target_` is looked up in the list of `tegenkracht.models` and never imported, an extra key is
refused, and no data are read before the whole specification holds.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException, MissingConfigException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import BaseModel, ValidationError

from tegenkracht.core.errors import InputError, Problem, wrong
from tegenkracht.core.panel import PROCESS
from tegenkracht.data.conf import conf_folder
from tegenkracht.models import check_parameters
from tegenkracht.spec import ExperimentSpec

LAUNCHERS = ("hydra._internal.core_plugins.basic_launcher.BasicLauncher",)
SWEEPERS = ("hydra._internal.core_plugins.basic_sweeper.BasicSweeper",)


def compose_spec(overrides: Sequence[str]) -> ExperimentSpec:
    """The specification that these overrides of `conf/` give.

    Raises
    ------
    InputError
        With every problem: an unknown experiment, a misspelt key or model parameter, a forbidden `_target_`.
    """
    return load_spec(compose_plain(overrides))


def compose_plain(overrides: Sequence[str], *, with_hydra: bool = False) -> dict[str, Any]:
    """The composed configuration as plain data, before it is checked."""
    _refuse_code(overrides)
    OmegaConf.clear_resolver("oc.env")  # a study from elsewhere may not read this machine's environment
    GlobalHydra.instance().clear()
    with initialize_config_dir(config_dir=str(conf_folder()), version_base="1.3"):
        try:
            composed = compose("main", overrides=[*overrides, *search_path()], return_hydra_config=with_hydra)
            plain = OmegaConf.to_container(composed, resolve=not with_hydra, throw_on_missing=False)
        except (HydraException, OmegaConfBaseException, MissingConfigException) as error:
            raise _explained(error, overrides) from None
    assert isinstance(plain, dict)  # noqa: S101 - the root of main.yaml is a mapping
    return {str(key): value for key, value in plain.items()}


def load_spec(plain: Mapping[str, Any]) -> ExperimentSpec:
    """Freeze a composed configuration; all problems are reported together, before any data are read."""
    plain = {key: value for key, value in plain.items() if key != "hydra"}
    name = str(plain.get("name", "")) or "?"
    problems, models = _models(plain.get("models"))
    problems += [Problem(key, "this key is missing.", "Fill it in.") for key in _unfilled(plain)]
    try:
        spec = ExperimentSpec.model_validate({**plain, "models": models})
    except ValidationError as error:
        problems += [_as_problem(detail) for detail in error.errors() if detail["input"] != "???"]
        raise InputError(_in_file(problems, name)) from None
    problems += _cross_checks(spec)
    if problems:
        raise InputError(_in_file(problems, name))
    return spec


def search_path() -> list[str]:
    """A user's own `conf/` folder beside the shipped one, as an override for Hydra, when there is one."""
    own = Path.cwd() / "conf"
    return [f"hydra.searchpath=[file://{own}]"] if own.is_dir() and own.resolve() != conf_folder().resolve() else []


def experiments() -> list[str]:
    """Names of the studies that can be run from here."""
    folders = [conf_folder() / "experiment", Path.cwd() / "conf" / "experiment"]
    return sorted({path.stem for folder in folders if folder.is_dir() for path in folder.glob("*.yaml")})


def jobs_of_sweep(overrides: Sequence[str]) -> list[list[str]]:
    """The overrides of each job of a multirun, in Hydra's order."""
    from hydra._internal.core_plugins.basic_sweeper import BasicSweeper

    batches = BasicSweeper.split_arguments(OverridesParser.create().parse_overrides(list(overrides)), None)
    return [list(job) for batch in batches for job in batch]


def check_sweep(overrides: Sequence[str]) -> None:
    """Refuse a multirun with a faulty job, or whose launcher, sweeper or callback is not on the list."""
    try:
        jobs = jobs_of_sweep(overrides)
    except HydraException as error:
        raise _explained(error, overrides) from None
    problems: list[Problem] = []
    for job in jobs:
        try:
            _check_hydra(compose_plain(job, with_hydra=True)["hydra"])
            compose_spec(job)
        except InputError as error:
            problems += [problem for problem in error.problems if problem not in problems]
    if problems:
        raise InputError(problems)


def _check_hydra(node: Mapping[str, Any]) -> None:
    """Hydra builds what its own `_target_` keys name, so these are held to a list as well."""
    allowed = {"launcher": LAUNCHERS, "sweeper": SWEEPERS}
    for key, targets in allowed.items():
        target = (node.get(key) or {}).get("_target_")
        if target not in targets:
            raise wrong(
                f"hydra.{key}._target_",
                f"`{target}` is not on the list of tegenkracht.",
                f"Choose one of: {', '.join(targets)}.",
            )
    if node.get("callbacks"):
        raise wrong("hydra.callbacks", "callbacks run code that a file names.", "Remove them.")


def _refuse_code(overrides: Sequence[str]) -> None:
    """Hydra's own node decides which plugins run; a study may not touch it from the command line."""
    for override in overrides:
        if re.match(r"^[+~]*hydra[./]", override):
            raise wrong(override, "settings of Hydra itself cannot be changed.", "Leave it out.")


def _models(node: Any) -> tuple[list[Problem], Any]:
    """Models with `estimator` split into target and typed parameters, and what is wrong with those."""
    if not isinstance(node, Mapping):
        return [], node
    problems: list[Problem] = []
    models: dict[str, Any] = {}
    for name, plan in node.items():
        models[name] = plan
        estimator = plan.get("estimator") if isinstance(plan, Mapping) else None
        if not isinstance(estimator, Mapping):
            continue
        target = str(estimator.get("_target_", ""))
        given = {key: value for key, value in estimator.items() if key != "_target_"}
        typed, faults = check_parameters(target, given)
        faults = [fault for fault in faults if given.get(fault[0]) != "???"]
        problems += [Problem(f"models.{name}.estimator.{key}", what, way_out) for key, what, way_out in faults]
        models[name] = {**plan, "estimator": {"target": target, "parameters": _plain(typed)}}
    return problems, models


def _plain(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Typed parameters as plain data, so that a spec can be written and read back."""
    return {key: _dumped(value) for key, value in typed.items()}


def _dumped(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump()
    return [_dumped(part) for part in value] if isinstance(value, tuple) else value


def _cross_checks(spec: ExperimentSpec) -> list[Problem]:
    """What no single field can see."""
    problems = [*_names(spec), *_comparisons(spec), *_profile(spec), *_mitigations(spec)]
    shared = {name for recipe in spec.features.recipes for name in getattr(recipe, "columns", ())} & set(
        spec.audit.attributes
    )
    problems += [
        Problem(
            "features.recipes",
            f"`{name}` is an audit attribute; it may never be a feature.",
            "Remove it from `features` or from `audit`.",
        )
        for name in sorted(shared)
    ]
    if spec.evaluate.replay and spec.cohort.kind != "scheduled":
        problems.append(
            Problem(
                "evaluate.replay",
                "a calendar has no schedule to re-order.",
                "Set it to null, or use cohort.kind=scheduled.",
            )
        )
    if spec.review.list == "whole_window" and spec.cohort.kind == "calendar":
        problems.append(Problem("review.list", "`whole_window` belongs to scheduled visits.", "Write `per_as_of`."))
    return problems


def _profile(spec: ExperimentSpec) -> Iterator[Problem]:
    """Areas and public bodies are described by a profile: there must be sides."""
    if spec.purpose.unit in ("area", "public_body") and not (spec.sector and spec.sector.dimensions):
        yield Problem(
            "sector.dimensions",
            f"units of kind {spec.purpose.unit} are described by a resilience profile, and it has no sides.",
            "Take a sector with `dimensions`, such as neighbourhood, or write them.",
        )


def _names(spec: ExperimentSpec) -> Iterator[Problem]:
    """Names of models stand in those of numbers: `logistic/precision_difference//capacity=100,versus=random/all/labelled`."""
    for name in spec.models:
        if re.search("[,=/]", name):
            what = f"`{name}` has a comma, an equals sign or a slash in it; in the name of a number these part one word from the next."
            yield Problem(f"models.{name}", what, "Write another name, without them.")


def _mitigations(spec: ExperimentSpec) -> Iterator[Problem]:
    """A mitigated model is compared with one that is not, about an attribute that the study audits."""
    plain = [name for name, plan in spec.models.items() if plan.mitigates is None]
    for name, plan in spec.models.items():
        if plan.mitigates is not None and plan.mitigates not in plain:
            what = "is itself a mitigated model" if plan.mitigates in spec.models else "is not one of the models"
            yield Problem(f"models.{name}.mitigates", f"`{plan.mitigates}` {what}.", _suggest(plan.mitigates, plain))
        if plan.mitigation is not None and plan.mitigation.attribute not in spec.audit.attributes:
            yield Problem(
                f"models.{name}.mitigation.attribute",
                f"`{plan.mitigation.attribute}` is not one of `audit.attributes`.",
                "Declare it there first: what is not audited may not be acted on.",
            )


def _comparisons(spec: ExperimentSpec) -> Iterator[Problem]:
    for key in ("main", "reference"):
        name = getattr(spec.evaluate, key)
        if name not in spec.models:
            yield Problem(f"evaluate.{key}", f"`{name}` is not one of the models.", _suggest(name, spec.models))
    names = [criterion.name for criterion in spec.success_criteria]
    for i, criterion in enumerate(spec.success_criteria):
        for key in ("model", "versus"):
            model = getattr(criterion, key)
            if model is not None and model not in spec.models:
                yield Problem(
                    f"success_criteria.{i}.{key}", f"`{model}` is not one of the models.", _suggest(model, spec.models)
                )
        if names.count(criterion.name) > 1:
            yield Problem(
                f"success_criteria.{i}.name", f"`{criterion.name}` stands there twice.", "Give each its own name."
            )
    for name, plan in spec.models.items():
        for column in plan.off_when_scoring:
            if column not in PROCESS and plan.columns in ("process", "both"):
                yield Problem(
                    f"models.{name}.off_when_scoring", f"`{column}` is not a process column.", _suggest(column, PROCESS)
                )


def _as_problem(detail: Any) -> Problem:
    """One of pydantic's errors in our own words."""
    where = ".".join(str(part) for part in detail["loc"]) or "experiment"
    kind, shown = detail["type"], str(detail["input"])[:60]
    if kind == "extra_forbidden":
        fields = _fields_at(detail["loc"][:-1])
        return Problem(
            where, "this key is not known.", _suggest(str(detail["loc"][-1]), fields) if fields else "Remove it."
        )
    if kind == "missing":
        return Problem(where, "this key is missing.", "Fill it in.")
    what = re.sub(r"^(Value|Assertion) error, ", "", detail["msg"]).rstrip(".")
    return Problem(where, f"{what} (found `{shown}`).", "Correct the value.")


def _fields_at(path: Sequence[Any]) -> list[str]:
    """Names of the fields that a place in the specification has."""
    record: Any = ExperimentSpec
    for part in path:
        field = getattr(record, "model_fields", {}).get(part)
        record = field.annotation if field is not None else None
    return list(getattr(record, "model_fields", {}))


def _suggest(name: str, known: Sequence[str] | Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"Did you mean `{close[0]}`?" if close else f"Choose one of: {', '.join(known)}."


def _in_file(problems: Sequence[Problem], name: str) -> list[Problem]:
    """Problems with the study's file in front of the key."""
    file = f"conf/experiment/{name}.yaml"
    return [Problem(f"{file}, {p.where}", p.what, p.way_out, p.column, p.rows, p.count) for p in problems]


def _explained(error: Exception, overrides: Sequence[str]) -> InputError:
    """One of Hydra's errors in our own words."""
    text = str(error)
    if found := re.search(r"(?:Could not find|In '[^']*': Could not find) '([^']+)'", text):
        group, _, option = found[1].rpartition("/")
        known = experiments() if group == "experiment" else _options(group)
        return wrong(
            f"{group}={option}",
            f"there is no file conf/{group}/{option}.yaml.",
            _suggest(option, known) if known else "",
        )
    if ("experiment" in text and "???" in text) or "You must specify 'experiment'" in text:
        return wrong("experiment", "no study was named.", f"Write experiment=<one of: {', '.join(experiments())}>.")
    if found := re.search(r"Could not override '([^']+)'", text):
        return wrong(found[1], "this key is not known.", _way_to_key(found[1], _known_keys(overrides, found[1])))
    first = next((line for line in text.splitlines() if line.strip()), type(error).__name__)
    return wrong("configuration", first.strip() + ".", "Correct the file or the override.")


def _way_to_key(key: str, keys: Sequence[str]) -> str:
    """A key that looks like it, else its neighbours; and how to add one that the file leaves out."""
    close = difflib.get_close_matches(key, keys, n=1)
    if close:
        return f"Did you mean `{close[0]}`?"
    parent = key.rpartition(".")[0]
    beside = [other for other in keys if other.rpartition(".")[0] == parent]
    return f"Beside it stand: {', '.join(beside) or 'none'}. To add a key that the file leaves out, write +{key}=…"


def _options(group: str) -> list[str]:
    return sorted(path.stem for path in (conf_folder() / group).glob("*.yaml"))


def _known_keys(overrides: Sequence[str], faulty: str) -> list[str]:
    """All dotted keys of the configuration without the faulty override."""
    rest = [o for o in overrides if not re.sub(r"^[+~]+", "", o).startswith(faulty)]
    try:
        plain = compose_plain(rest)
    except InputError:
        return []
    return list(_dotted(plain))


def _unfilled(node: Any, prefix: str = "") -> Iterator[str]:
    """Keys that a file leaves to the user, written `???`; those of a model are its parameters' to report."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from [f"{prefix}{key}"] if value == "???" else _unfilled(value, f"{prefix}{key}.")


def _dotted(node: Any, prefix: str = "") -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield f"{prefix}{key}"
            yield from _dotted(value, f"{prefix}{key}.")
