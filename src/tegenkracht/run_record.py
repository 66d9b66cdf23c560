"""What is kept of a run: its provenance, and the files that anyone can check it by."""

from __future__ import annotations

import json
import platform
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import yaml

from tegenkracht.assembly import Assembled
from tegenkracht.core.conditions import at_of
from tegenkracht.core.criterion import judged
from tegenkracht.core.estimate import write_estimates
from tegenkracht.core.finding import write_findings
from tegenkracht.core.fold import Fold
from tegenkracht.core.gap import CROSSED
from tegenkracht.core.identity import digest_of, digest_of_code, digest_of_file
from tegenkracht.core.panel import Panel
from tegenkracht.core.text import LANGUAGES, Language, Text
from tegenkracht.data.conf import conf_folder
from tegenkracht.data.dictionary import TableName
from tegenkracht.data.legal_form import is_sole_trader
from tegenkracht.data.sector import read_sector, sectors
from tegenkracht.data.sources import Dataset
from tegenkracht.evaluation.gaps import judged_limits
from tegenkracht.evaluation.profile import Profiles
from tegenkracht.experiment import Result
from tegenkracht.experiment.explained import together_of
from tegenkracht.explanation.attributions import write_attributions
from tegenkracht.explanation.multiplicity import FILE as FLAGS_FILE
from tegenkracht.explanation.others import others_of
from tegenkracht.explanation.places import Changed, Place, places_of
from tegenkracht.explanation.reasons import reasons_table
from tegenkracht.explanation.teller import Facts
from tegenkracht.features.dictionary import family_labels
from tegenkracht.features.telling import Telling, tellings
from tegenkracht.models.fitting import last_of, write_levels
from tegenkracht.models.scorecard import Scorecard
from tegenkracht.models.store import save_model
from tegenkracht.reporting.beeswarm import write_beeswarm
from tegenkracht.reporting.card import make_card
from tegenkracht.reporting.facts import (
    AttributeFacts,
    DatasetFacts,
    FoldFacts,
    ModelFacts,
    PointFacts,
    RunFacts,
    ScorecardFacts,
    SideFacts,
    SpecialFacts,
    TableFacts,
)
from tegenkracht.reporting.files import write_card, write_figures
from tegenkracht.reporting.places import REASONS_FILE, SINGLE_FILE, Reading, write_places
from tegenkracht.reporting.profiles import write_profiles
from tegenkracht.spec import ExperimentSpec
from tegenkracht.splits.manifest import FILE as SPLITS
from tegenkracht.splits.manifest import Manifest

PACKAGES = (
    "tegenkracht",
    "scikit-learn",
    "lightgbm",
    "numpy",
    "pandas",
    "duckdb",
    "pyarrow",
    "fairlearn",
    "shap",
    "mlflow",
)
_SHOWN = 15
_MOST_REASONS = 5  # on a page of one place: more is not read
_BEESWARM_WORDS: Mapping[Language, tuple[str, str, str]] = {
    "nl": (
        "bijdrage aan de score; elke stip is het gemiddelde van {places} plaatsen of meer",
        "lage waarde",
        "hoge waarde",
    ),
    "en": ("contribution to the score; each dot is the mean of {places} places or more", "low value", "high value"),
}


@dataclass(frozen=True)
class Provenance:
    """What a run was made from and with.

    `digests` are of the specification, the data, the panel, the code and the lock file; `identity` is the digest of those that decide
    the result, so that two runs with the same identity have the same `evaluation.json`.
    """

    run_id: str
    started: datetime
    digests: Mapping[str, str]
    versions: Mapping[str, str]
    seed: int

    @classmethod
    def of(cls, spec: ExperimentSpec, *, dataset: Dataset, panel: Panel, run_id: str, started: datetime) -> Provenance:
        """Collect the digests and versions of this run."""
        digests = {
            "spec": digest_of(spec.what_decides()),
            "data": digest_of(dict(dataset.digests)),
            "panel": panel.identity,
            "code": digest_of_code(),
        }
        lock = conf_folder().parent / "uv.lock"
        if lock.is_file():
            digests["lock"] = digest_of_file(lock)
        versions = {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}
        return cls(run_id, started, digests, versions, spec.seed)

    @property
    def identity(self) -> str:
        """Digest of what decides the numbers."""
        return digest_of([dict(self.digests), dict(self.versions), self.seed])

    def parameters(self) -> dict[str, str]:
        """For MLflow: digests, versions and seed as text."""
        return {
            "seed": str(self.seed),
            **{f"digest.{name}": digest for name, digest in self.digests.items()},
            **{f"version.{name}": text for name, text in self.versions.items()},
        }

    def as_json(self, seconds: Mapping[str, float]) -> str:
        """`run.json`."""
        record = {
            "run_id": self.run_id,
            "started": self.started.isoformat(timespec="seconds"),
            "identity": self.identity,
            "digests": dict(self.digests),
            "versions": dict(self.versions),
            "seed": self.seed,
            "seconds": {stage: round(spent, 2) for stage, spent in seconds.items()},
        }
        return json.dumps(record, indent=1) + "\n"


def write_files(
    folder: Path,
    *,
    spec: ExperimentSpec,
    dataset: Dataset,
    assembled: Assembled,
    result: Result,
    provenance: Provenance,
    seconds: Mapping[str, float],
) -> None:
    """Write every file of a run (design, section 6) into an empty folder."""
    (folder / "evaluation.json").write_text(write_estimates(result.estimates), encoding="utf-8")
    (folder / "findings.json").write_text(write_findings(result.findings), encoding="utf-8")
    (folder / "spec.yaml").write_text(
        yaml.safe_dump(spec.as_plain(), sort_keys=False, allow_unicode=True), encoding="utf-8"
    )
    manifest = Manifest.of(result.panel, result.folds, split=spec.split, time=spec.time)
    (folder / SPLITS).write_text(manifest.as_json(), encoding="utf-8")
    (folder / "run.json").write_text(provenance.as_json(seconds), encoding="utf-8")
    result.scores.rows.to_parquet(folder / "scores.parquet", index=False)
    for model in result.fitted:
        save_model(model.estimator, folder / "models" / model.name / model.fold.name)
        write_levels(model, folder / "models" / model.name / model.fold.name)
    for name, attributions in result.attributions.items():
        write_attributions(attributions, folder / "attributions" / f"{name}.parquet")
    if spec.evaluate.main in result.attributions:
        _write_places(folder, spec, dataset, result, provenance)
    if result.single_places is not None:
        result.single_places.to_parquet(folder / SINGLE_FILE, index=False)
    if result.flags is not None:
        result.flags.to_parquet(folder / FLAGS_FILE, index=False)
    facts = facts_of(spec, dataset=dataset, result=result, provenance=provenance, seconds=seconds)
    if result.profiles is not None:
        _write_profiles(facts, result.profiles, folder)
    card = make_card(facts)
    write_card(card, folder)
    write_figures(card, folder / "figures")
    if spec.evaluate.main in result.attributions:
        _write_beeswarms(result, spec.evaluate.main, spec, folder / "figures")


def has_place_pages(spec: ExperimentSpec, dataset: Dataset, result: Result) -> bool:
    """Whether there is a page for each flagged place.

    Not when the study asks for none, when units are described by a profile, when the card's model is not explained, or when a source does not allow
    that single places are scored: then a list is research, and nobody reads a place from it.
    """
    return (
        spec.explain.place_pages != "none"
        and spec.purpose.unit in ("place", "business")
        and spec.evaluate.main in result.attributions
        and all(table.entity_scoring_allowed for table in dataset.description.tables.values())
    )


def _write_places(folder: Path, spec: ExperimentSpec, dataset: Dataset, result: Result, provenance: Provenance) -> None:
    """The reasons of every flagged place in one table, and from the same records a page for each where there are pages."""
    told = tellings(
        spec.features.recipes, dataset.description, same_cluster=spec.sector.same_cluster if spec.sector else None
    )
    pages = has_place_pages(spec, dataset, result)
    places = _places(spec, dataset, result, told, changed=spec.explain.place_pages if pages else "none")
    reasons_table(places).to_parquet(folder / REASONS_FILE, index=False)
    if not pages:
        return
    reading = Reading(
        run_id=provenance.run_id,
        title=spec.purpose.title,
        units=spec.purpose.unit_name,
        synthetic=dataset.description.synthetic,
        capacity=spec.review.capacity,
        features={feature.name: feature for feature in result.panel.features},
        tellings=told,
        families=family_labels(dataset.description),
        last_only=spec.explain.place_pages == "last",
    )
    asked = [place for place in places if place.change.state != "not_asked"]
    write_places(asked, reading, key=secrets.token_bytes(32), folder=folder)


def _places(
    spec: ExperimentSpec, dataset: Dataset, result: Result, told: Mapping[str, Telling], *, changed: Changed
) -> tuple[Place, ...]:
    """What may be told of every place that the card's model flagged."""
    attributions, units = result.attributions[spec.evaluate.main], dataset.tables["units"]
    return places_of(
        result.panel,
        [model for model in result.fitted if model.name == spec.evaluate.main],
        attributions,
        result.refits,
        together_of(result.panel, attributions),
        Facts(
            tellings=told,
            sole_traders=frozenset(units.loc[is_sole_trader(units["legal_form"]), "unit_id"]),
            blanked=spec.purpose.sole_traders == "business_facts_only",
            at_least=spec.audit.min_group,
            at_most=min(spec.explain.reasons, _MOST_REASONS),
            change_over=spec.explain.change_over,
            others=others_of(spec.features.recipes, dataset),
            proxies=_measured_proxies(result, spec.audit.measure_limit),
            capacity=spec.review.capacity,
            lists=spec.review.list,
        ),
        changed=changed,
    )


def _measured_proxies(result: Result, limit: float | None) -> frozenset[str]:
    """Columns that go with a figure of the area more than the study's limit; none where it sets no limit."""
    if limit is None:
        return frozenset()
    found = (e for e in result.estimates if e.metric == "area_correlation" and e.value is not None)
    return frozenset(at_of(e, "feature") for e in found if e.value is not None and abs(e.value) > limit)


def _write_profiles(facts: RunFacts, profiles: Profiles, folder: Path) -> None:
    """Every side of every unit as a table, and as a page in each language."""
    table = profiles.table()
    table.to_parquet(folder / "profiles.parquet", index=False)
    title = {language: facts.purpose.title.in_(language) for language in LANGUAGES}
    write_profiles(table, facts.sides, title=title, synthetic=facts.dataset.synthetic, folder=folder)


def _write_beeswarms(result: Result, model: str, spec: ExperimentSpec, folder: Path) -> None:
    """The largest columns of one model, per language; a dot is the mean of as many places as the smallest group that is shown."""
    attributions, at_least = result.attributions[model], spec.audit.min_group
    largest = list(attributions.values.abs().mean().sort_values(ascending=False, kind="stable").index[:_SHOWN])
    rows = result.panel.rows[["row_id", "unit_id", *largest]].set_index("row_id").loc[attributions.rows]
    values = rows[largest].reset_index(drop=True)
    entries = {feature.name: feature.label for feature in result.panel.features}
    for language, words in _BEESWARM_WORDS.items():
        labels = [entries[name].in_(language) if name in entries else name for name in largest]
        numbers = values.apply(
            lambda column: column if column.dtype.kind == "f" else pd.Series(pd.factorize(column)[0], dtype=float)
        )
        write_beeswarm(
            attributions.values[largest],
            numbers,
            labels=labels,
            words=(words[0].format(places=at_least), *words[1:]),
            units=rows["unit_id"].to_numpy(dtype=str),
            at_least=at_least,
            seed=spec.seed,
            language=language,
            path=folder / f"shap-{model}.{language}.svg",
        )


def facts_of(
    spec: ExperimentSpec, *, dataset: Dataset, result: Result, provenance: Provenance, seconds: Mapping[str, float]
) -> RunFacts:
    """Everything that the card needs to know of a run."""
    return RunFacts(
        study=spec.name,
        run_id=provenance.run_id,
        created_on=provenance.started.date(),
        card_version=spec.card.version,
        author=spec.card.author,
        contact=spec.card.contact,
        purpose=spec.purpose,
        dataset=_dataset_facts(dataset),
        features=result.panel.features,
        families=family_labels(dataset.description),
        measures={name: t.measure for name, t in tellings(spec.features.recipes, dataset.description).items()},
        attributes={
            name: AttributeFacts(label=a.label, definition=a.definition, values=a.values)
            for name, a in dataset.description.attributes.items()
            if name in spec.audit.attributes
        },
        estimates=result.estimates,
        findings=result.findings,
        models={
            name: ModelFacts(
                label=plan.label,
                description=plan.description,
                kind=plan.estimator.target.rpartition(".")[2],
                columns=plan.columns,
            )
            for name, plan in spec.models.items()
        },
        main=spec.evaluate.main,
        references=_references(spec),
        capacity=spec.review.capacity,
        scheduled=result.panel.scheduled,
        one_list_per="window" if spec.review.list == "whole_window" else "as_of",
        reviewer=spec.review.reviewer,
        folds=tuple(_fold_facts(result.panel, fold) for fold in result.folds),
        identity={"run": provenance.identity, **provenance.digests},
        versions=provenance.versions,
        spec=spec.as_plain(),
        timings=dict(seconds),
        sides=_sides(spec, result),
        criteria=spec.success_criteria,
        verdicts=judged(spec.success_criteria, {e.id: e for e in result.estimates}, spec.review.capacity),
        frozen=result.frozen,
        costs=spec.review.costs,
        next_round=spec.review.next_round,
        single=spec.evaluate.single,
        inspections=spec.evaluate.inspections,
        suitability=spec.features.answers,
        why=spec.audit.why,
        justification=spec.audit.justification,
        measure_limit=spec.audit.measure_limit,
        score_proxy=spec.audit.score_proxy,
        intersections=tuple(CROSSED.join(pair) for pair in spec.audit.intersections),
        smallest_gap=None if (points := spec.audit.smallest_gap_that_matters) is None else points / 100,
        limits=spec.audit.limits,
        limit_verdicts=judged_limits(spec.audit.limits, result.estimates),
        place_pages=has_place_pages(spec, dataset, result),
        kept_out=result.panel.kept_out,
        sectors=_sectors(result.panel),
        scorecard=_scorecard(result),
    )


def _sectors(panel: Panel) -> dict[str, Text]:
    """What the sectors of a study are called, those that are described."""
    described = set(sectors())
    return {name: read_sector(name).label for name in sorted(described & set(panel.rows["sector"]))}


def _scorecard(result: Result) -> ScorecardFacts | None:
    """The first scorecard among the models, as it was learnt last, with the bands of totals that were counted."""
    if (of_kind := last_of(result.fitted, Scorecard)) is None:
        return None
    last, card = of_kind
    lines = tuple(
        PointFacts(
            feature=rule.column,
            side="at_most" if rule.at_least is None else "at_least",
            limit=float(rule.at_most if rule.at_least is None else rule.at_least),  # type: ignore[arg-type]  # one of the two is set
            points=int(rule.points),
        )
        for rule in card.checked_rules
    )
    told = [e for e in result.estimates if e.metric == "found_at_total" and e.model == last.name]
    bands = tuple((int(low), int(high)) for low, _, high in (at_of(e, "total").partition("-") for e in told))
    return ScorecardFacts(model=last.name, lines=lines, bands=bands)


def _sides(spec: ExperimentSpec, result: Result) -> dict[str, SideFacts]:
    """What the sides of the profile are called, those that have columns."""
    if result.profiles is None or spec.sector is None:
        return {}
    used = {feature.family for feature in result.panel.features}
    return {
        name: SideFacts(
            label=spec.sector.dimensions[name].label,
            definition=spec.sector.dimensions[name].definition,
            families=tuple(family for family in spec.sector.dimensions[name].indicators if family in used),
        )
        for name in result.profiles.sides
    }


def _references(spec: ExperimentSpec) -> tuple[str, ...]:
    """The reference first, then the other models that the card's model is compared with."""
    others = [
        name
        for name, plan in spec.models.items()
        if plan.estimator.target.rpartition(".")[2] in ("random", "who_inspects")
    ]
    return tuple(dict.fromkeys([spec.evaluate.reference, *others]))


def _dataset_facts(dataset: Dataset) -> DatasetFacts:
    description = dataset.description
    return DatasetFacts(
        name=dataset.name,
        title=description.title,
        synthetic=description.synthetic,
        known_until=description.known_until,
        tables=tuple(_table_facts(name, dataset) for name in description.tables),
        special={
            name: SpecialFacts(label=a.label, ground=a.ground, access=a.access, delete_on=a.delete_on)
            for name, a in description.attributes.items()
            if a.special_category and a.ground is not None and a.delete_on is not None  # else the dataset is refused
        },
    )


def _table_facts(name: TableName, dataset: Dataset) -> TableFacts:
    info = dataset.description.tables[name]
    return TableFacts(
        name=name,
        source=info.source,
        collector=info.collector,
        period=info.period,
        licence=info.licence,
        original_purpose=info.original_purpose,
        permitted_use=tuple(info.permitted_use),
        entity_scoring_allowed=info.entity_scoring_allowed,
        personal_data=info.personal_data,
        rows=len(dataset.tables[name]),
        digest=dataset.digests[name],
    )


def _day(stamp: pd.Timestamp) -> date:
    return pd.Timestamp(stamp).date()


def _fold_facts(panel: Panel, fold: Fold) -> FoldFacts:
    train, test = panel.rows.iloc[fold.train], panel.rows.iloc[fold.test]
    return FoldFacts(
        name=fold.name,
        split_on=_day(fold.split_on),
        train_from=_day(train["as_of"].min()),
        train_until=_day(train["as_of"].max()),
        test_from=_day(test["as_of"].min()),
        test_until=_day(test["as_of"].max()),
        n_train=len(train),
        n_test=len(test),
        n_positive=int(train["outcome"].sum()),
    )
