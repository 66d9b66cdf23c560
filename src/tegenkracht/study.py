"""One study from specification to files: read, assemble, split, run, write, record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from tegenkracht.assembly import (
    Assembled,
    area_figures,
    assemble,
    panel_identity,
    positive_visits,
    unknown_attributes,
    unknown_measures,
    visits_of_rows,
)
from tegenkracht.assembly.stored import read_assembled, write_assembled
from tegenkracht.core.cache import Cache
from tegenkracht.core.criterion import Criterion, Frozen, Limit
from tegenkracht.core.errors import InputError, wrong
from tegenkracht.core.estimate import Estimate
from tegenkracht.core.fold import Fold
from tegenkracht.core.identity import digest_of
from tegenkracht.core.progress import Progress
from tegenkracht.core.purpose import OF_AREAS
from tegenkracht.core.stopwatch import Stopwatch
from tegenkracht.core.threads import limited
from tegenkracht.data.sources import Dataset, read_dataset
from tegenkracht.data.world import at_base_rate, is_still_made, make_world, read_world
from tegenkracht.evaluation.assumed import Assumed
from tegenkracht.evaluation.bootstrap import Resampling
from tegenkracht.evaluation.next_round import claims_of
from tegenkracht.evaluation.propensity import Chances
from tegenkracht.evaluation.replay import Replay
from tegenkracht.evaluation.sight import looked_twice
from tegenkracht.experiment import Importance, Learned, Missed, Origins, Pooled, Questions, Result, run_experiment
from tegenkracht.features.check import check_recipes
from tegenkracht.headline import headline
from tegenkracht.looks import Looks, check_looks
from tegenkracht.models.plan import check_subjects
from tegenkracht.reporting.places import LOCAL_ONLY
from tegenkracht.run_folder import CACHE, whole_or_nothing
from tegenkracht.run_record import Provenance, write_files
from tegenkracht.spec import ExperimentSpec
from tegenkracht.splits.folds import make_folds
from tegenkracht.splits.leakage import probe_future_facts, require_no_leakage
from tegenkracht.splits.leaks import look_for_leaks
from tegenkracht.splits.stored import read_folds, write_folds
from tegenkracht.tracking import ModelRecord, local_uri, record

_PROBED = 200  # rows that the leak guard rebuilds; a leak that touches one row in fifty is missed once in fifty runs


@dataclass(frozen=True)
class Done:
    """A finished run: where its files are, what was found, seconds per stage (on the clock, and of the processor), and the lines that are printed at the end."""

    folder: Path
    result: Result
    seconds: Mapping[str, float]
    processor: Mapping[str, float]
    headline: str


def run_study(spec: ExperimentSpec, *, started: datetime, progress: Progress) -> Done:
    """Run one study; its folder appears only when everything in it is written.

    Raises
    ------
    InputError
        When the data, the study or the output folder is wrong; nothing is left behind.
    """
    run_id = f"{started:%Y%m%d-%H%M%S}-{digest_of(spec.as_plain())[:8]}"
    output = Path(spec.output)
    watch = Stopwatch()
    with whole_or_nothing(output, spec.name, run_id) as folder, limited(spec.resources.threads):
        with watch.stage("read"):
            dataset = _read(spec, progress)
        with watch.stage("assemble"):
            cache = Cache(output / CACHE if spec.cache else None, notice=progress)
            assembled, folds = _assemble(spec, dataset, cache, progress)
        result = _run(spec, dataset, assembled, folds, cache, started, watch, progress)
        provenance = Provenance.of(spec, dataset=dataset, panel=result.panel, run_id=run_id, started=started)
        with watch.stage("write"):
            progress("write the files of the run", 0, 0)
            write_files(
                folder,
                spec=spec,
                dataset=dataset,
                assembled=assembled,
                result=result,
                provenance=provenance,
                seconds=watch.seconds,
            )
        with watch.stage("track"):
            uri = _record(spec, folder, output, run_id, result, provenance, progress)
    final = output / spec.name / run_id
    return Done(final, result, watch.seconds, watch.processor, headline(spec, final, result.estimates, uri))


def _read(spec: ExperimentSpec, progress: Progress) -> Dataset:
    """The study's dataset; a simulated world is made first where it is not there yet, or was made by another generator."""
    path, asked = Path(spec.data.path), spec.data.world
    progress("read the tables", 0, 0)
    if asked is not None:
        world = at_base_rate(read_world(asked.name), asked.prevalence)
        how: dict[str, Any] = {"scale": asked.scale, "seed": asked.seed, "sectors": asked.sectors}
        if not (path.exists() and is_still_made(path, world, **how)):
            make_world(world, **how, to=path, force=path.exists(), progress=progress)
    return read_dataset(path)


def _assemble(
    spec: ExperimentSpec, dataset: Dataset, cache: Cache, progress: Progress
) -> tuple[Assembled, tuple[Fold, ...]]:
    """The panel, recalled when it was made before from the same tables, recipes, label and code; and its folds."""
    progress("assemble the panel", 0, 0)
    subjects = {name: attribute.subject for name, attribute in dataset.description.attributes.items()}
    if problems := [
        *check_recipes(dataset, spec.features.recipes, spec.time),
        *unknown_measures(dataset, spec.audit.measures),
        *unknown_attributes(dataset, "audit.why", spec.audit.why),
        *check_subjects(spec.models, subjects),
    ]:
        raise InputError(problems)
    asked: dict[str, Any] = {
        "cohort": spec.cohort,
        "time": spec.time,
        "outcome": spec.label,
        "recipes": spec.features.recipes,
        "audit": spec.audit.attributes,
        "sole_traders": spec.purpose.sole_traders,
        "of_areas": spec.purpose.unit in OF_AREAS,
    }
    identity = panel_identity(dataset, **asked)
    assembled = cache.recall("panels", identity, read_assembled)
    if assembled is None:
        assembled = assemble(dataset, **asked, threads=spec.resources.threads)
        cache.keep("panels", identity, partial(write_assembled, assembled))
    return assembled, _folds(spec, dataset, assembled, cache)


def _folds(spec: ExperimentSpec, dataset: Dataset, assembled: Assembled, cache: Cache) -> tuple[Fold, ...]:
    """The folds of the split, recalled when they were made before of the same panel."""
    parts = {name: getattr(spec, name).model_dump(mode="json") for name in ("split", "time")}
    identity = digest_of({"panel": assembled.panel.identity, **parts})
    folds = cache.recall("splits", identity, read_folds)
    if folds is None:
        folds = make_folds(assembled.panel, tables=dataset.tables, split=spec.split, time=spec.time)
        cache.keep("splits", identity, partial(write_folds, folds))
    return folds


def _run(
    spec: ExperimentSpec,
    dataset: Dataset,
    assembled: Assembled,
    folds: Sequence[Fold],
    cache: Cache,
    started: datetime,
    watch: Stopwatch,
    progress: Progress,
) -> Result:
    panel, threads = assembled.panel, spec.resources.threads
    twice = _looked_twice(spec, dataset)
    with watch.stage("leak guard"):
        progress("look for leaks", 0, 0)
        leaks = require_no_leakage(panel, folds)
        leaks += probe_future_facts(dataset, panel, spec.features.recipes, seed=spec.seed, n=_PROBED, threads=threads)
        leaks += tuple(look_for_leaks(dataset, panel, folds, spec.features.recipes, seed=spec.seed))
    result = run_experiment(
        panel=panel,
        folds=folds,
        visits=None if panel.scheduled else visits_of_rows(dataset, panel, folds, time=spec.time, outcome=spec.label),
        surroundings=area_figures(dataset, panel, folds, measures=spec.audit.measures),
        looked_twice=twice,
        plans=spec.models,
        questions=_questions(spec),
        seed=spec.seed,
        threads=threads,
        cache=cache,
        opening=partial(_open, spec, dataset, started),
        watch=watch,
        progress=progress,
    )
    return replace(
        result,
        estimates=(*assembled.counted.as_estimates(), *result.estimates),
        findings=(*leaks, *result.findings, check_looks(result.frozen)),
    )


def _looked_twice(spec: ExperimentSpec, dataset: Dataset) -> pd.DataFrame | None:
    """Pairs of visits to one place of the whole dataset; None when the study does not ask for them."""
    asked = spec.evaluate.inspections
    if asked is None or asked.double_visits is None:
        return None
    pairs = looked_twice(positive_visits(dataset, spec.label), within_days=asked.double_visits.within_days)
    if pairs.empty and asked.sensitivity is None:
        raise wrong(
            "evaluate.inspections.double_visits",
            f"no place was visited twice by different inspectors within {asked.double_visits.within_days} days.",
            "Declare `sensitivity` from known cases, or leave `inspections` out.",
        )
    return pairs


def _open(spec: ExperimentSpec, dataset: Dataset, started: datetime) -> Frozen:
    looks = Looks(Path(spec.output) / spec.name)
    return looks.open(_promises(spec), test_period=_test_period(spec, dataset), study=_study(spec, dataset), on=started)


def freeze_criteria(spec: ExperimentSpec, *, on: datetime) -> Frozen:
    """Write down the success criteria and accepted limits of a study before its test period is opened.

    Raises
    ------
    InputError
        When the study has none, or its data are not there.
    """
    if not _promises(spec):
        raise wrong("success_criteria", "this study promises nothing.", "Write criteria in the study's file first.")
    dataset, looks = read_dataset(Path(spec.data.path)), Looks(Path(spec.output) / spec.name)
    return looks.freeze(_promises(spec), test_period=_test_period(spec, dataset), study=_study(spec, dataset), on=on)


def _promises(spec: ExperimentSpec) -> tuple[Criterion | Limit, ...]:
    """What is set before anybody looks: what must be reached, and which gaps are accepted."""
    return (*spec.success_criteria, *spec.audit.limits)


def _test_period(spec: ExperimentSpec, dataset: Dataset) -> str:
    """Names the outcomes that a look opens."""
    parts = {name: getattr(spec, name).model_dump(mode="json") for name in ("cohort", "time", "label", "split")}
    return digest_of({"data": dict(dataset.digests), **parts})


def _study(spec: ExperimentSpec, dataset: Dataset) -> str:
    return digest_of({"data": dict(dataset.digests), "spec": spec.what_decides()})


def _questions(spec: ExperimentSpec) -> Questions:
    asked = spec.evaluate
    return Questions(
        main=asked.main,
        reference=asked.reference,
        capacity=spec.review.capacity,
        lists=spec.review.list,
        min_group=spec.audit.min_group,
        min_positives=spec.minimum.positives,
        replicates=asked.replicates,
        level=asked.level,
        cluster_by=asked.cluster_by,
        visits_by=asked.visits_by,
        replay=Replay(within=asked.replay.within, random_orders=asked.replay.random_orders) if asked.replay else None,
        dimensions={name: side.indicators for name, side in (spec.sector.dimensions if spec.sector else {}).items()},
        refits=spec.explain.refits,
        chances=Chances(**asked.chances.model_dump()) if asked.chances else None,
        resampling=Resampling(draws=asked.draws, interval=asked.interval),
        costs=spec.review.costs,
        next_round=spec.review.next_round,
        single=asked.single,
        claims=claims_of(spec.success_criteria),
        base_rates=spec.sector.base_rates.model_dump() if spec.sector else {},
        assume=Assumed(**asked.assume.model_dump()) if asked.assume else None,
        intersections=spec.audit.intersections,
        smallest_gap=None if (points := spec.audit.smallest_gap_that_matters) is None else points / 100,
        limits=spec.audit.limits,
        pooled=Pooled(**asked.pooled.model_dump()) if asked.pooled else None,
        origins=Origins(**spec.audit.origins.model_dump()) if spec.audit.origins else None,
        reasons=spec.explain.reasons,
        importance=_importance(spec),
        learned=Learned(**spec.explain.learned.model_dump()) if spec.explain.learned else None,
        missed=Missed(**spec.explain.missed.model_dump()) if spec.explain.missed else None,
        inspections=asked.inspections,
        justification=spec.audit.justification,
    )


def _importance(spec: ExperimentSpec) -> Importance | None:
    asked = spec.explain.importance
    return None if asked is None else Importance(asked.first, asked.shuffles, asked.drop)


def _record(
    spec: ExperimentSpec,
    folder: Path,
    output: Path,
    run_id: str,
    result: Result,
    provenance: Provenance,
    progress: Progress,
) -> str | None:
    """Record the run; None when the study says that nothing is tracked."""
    if spec.tracking.kind == "off":
        return None
    progress("record the run in MLflow", 0, 0)
    local = spec.tracking.kind == "local"
    uri = local_uri(output) if local else spec.tracking.uri
    if uri is None:
        raise wrong(
            "tracking.uri", "tracking=server needs an address.", "Write tracking.uri=https://mlflow.example.org."
        )
    of_model = {name: (folder / "models" / name, folder / "attributions" / f"{name}.parquet") for name in spec.models}
    taken = {folder / name for name in ("models", "attributions", *LOCAL_ONLY)}
    return record(
        uri=uri,
        artifacts=output / "mlartifacts" if local else None,
        study=spec.name,
        run_name=run_id,
        parameters=provenance.parameters(),
        tags={"tegenkracht.run": run_id, "tegenkracht.identity": provenance.identity},
        estimates=_of("", result.estimates),
        models=[
            ModelRecord(
                name,
                {
                    "target": plan.estimator.target,
                    **{key: str(value) for key, value in plan.estimator.parameters.items()},
                },
                _of(name, result.estimates),
                tuple(path for path in of_model[name] if path.exists()),
            )
            for name, plan in spec.models.items()
        ],
        files=[path for path in sorted(folder.iterdir()) if path not in taken],
    ).uri


def _of(model: str, estimates: Sequence[Estimate]) -> tuple[Estimate, ...]:
    return tuple(estimate for estimate in estimates if estimate.model == model)
