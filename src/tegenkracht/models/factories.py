"""From a study's parameters to an estimator: one factory per kind of model, and the list that may be named."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tegenkracht.core.errors import wrong
from tegenkracht.core.feature import Feature
from tegenkracht.models.checklist import Checklist, Rule
from tegenkracht.models.group_codes import GroupCodes
from tegenkracht.models.orders import GivenScore, RandomOrder
from tegenkracht.models.partially_pooled import PartiallyPooledLogistic
from tegenkracht.models.scorecard import Scorecard
from tegenkracht.models.signed_logistic import SignedLogistic


@dataclass(frozen=True)
class Surroundings:
    """What a factory gets from the study, not from its own parameters.

    Parameters
    ----------
    columns
        Names of the columns that the model will be fitted on, in order.
    categorical
        Those of `columns` that hold words.
    features
        Dictionary entries of those of `columns` that are features.
    seed
        Seed of this study.
    threads
        Threads for one fit.
    """

    columns: tuple[str, ...]
    categorical: tuple[str, ...]
    features: tuple[Feature, ...]
    seed: int
    threads: int

    @property
    def numeric(self) -> tuple[str, ...]:
        """The columns that hold numbers."""
        return tuple(name for name in self.columns if name not in self.categorical)


Factory = Callable[..., BaseEstimator]


def prior(surroundings: Surroundings) -> BaseEstimator:
    """The base rate for every row: what a model that knows nothing would say."""
    return DummyClassifier(strategy="prior")


def random_order(surroundings: Surroundings) -> BaseEstimator:
    """An order by lot: the floor that every list is compared with."""
    return RandomOrder(seed=surroundings.seed)


def current_rule(surroundings: Surroundings, *, rules: tuple[Rule, ...]) -> BaseEstimator:
    """The checklist that is in use today: points for facts that are present."""
    return Checklist(rules=[rule.model_dump() for rule in rules])


def given_score(surroundings: Surroundings, *, column: str) -> BaseEstimator:
    """A score that came with the data, passed on."""
    return GivenScore(column=column)


def logistic(
    surroundings: Surroundings, *, C: float, max_iter: int, missing: Literal["flag", "impute"], monotone: bool
) -> Pipeline:
    """Logistic regression on standardised columns; words become 0/1 columns, missing numbers the median (and a flag).

    Parameters
    ----------
    C
        Inverse strength of the ridge penalty.
    max_iter
        Most iterations of the solver.
    missing
        `flag` adds a 0/1 column for each column with missing values; `impute` does not.
    monotone
        Whether more of an indicator can only move the score its declared way; flags and words have no direction.
    """
    prepare = _prepare(surroundings, missing=missing)
    if not monotone:
        return make_pipeline(prepare, LogisticRegression(C=C, max_iter=max_iter))
    signs = {feature.name: feature.monotone for feature in surroundings.features}
    in_order = [signs.get(name, 0) for name in surroundings.numeric]  # numbers come first out of `_prepare`
    return make_pipeline(prepare, SignedLogistic(C=C, max_iter=max_iter, signs=in_order))


def who_inspects(surroundings: Surroundings, *, C: float, max_iter: int) -> Pipeline:
    """Logistic regression on the inspection process alone: who came, why, and how often before.

    If it does about as well as a model of the place, the inspector is the signal (methods B-1).
    """
    return logistic(surroundings, C=C, max_iter=max_iter, missing="flag", monotone=False)


def partially_pooled(
    surroundings: Surroundings,
    *,
    by: Literal["sector", "area_code"],
    characters: Annotated[int, Field(ge=1)] | None,
    C: Annotated[float, Field(gt=0)],
    levels_apart: Annotated[float, Field(gt=0)],
    weights_apart: Annotated[float, Field(ge=0)],
    rows_a_visit: Annotated[float, Field(ge=1)],
    missing: Literal["flag", "impute"],
) -> Pipeline:
    """Logistic regression with a level and weights per sector or region, which lean on those of all as far as data say (methods B-25).

    Parameters
    ----------
    by
        What rows are grouped by; it is added to the columns that the study names, and is no indicator itself.
    characters
        A region is the first so many characters of an area's code; None takes the whole word.
    C, levels_apart, weights_apart, rows_a_visit
        See `PartiallyPooledLogistic`.
    missing
        As in `logistic`.
    """
    if words := [column for column in surroundings.categorical if column != by]:
        raise wrong(
            "models.partially_pooled.columns",
            f"{words[0]} holds words; a level per {by} is for numbers.",
            "Write columns: features.",
        )
    filled = SimpleImputer(strategy="median", add_indicator=missing == "flag", keep_empty_features=True)
    prepare = ColumnTransformer(
        [("group", GroupCodes(characters=characters), [by]), ("columns", filled, list(surroundings.numeric))]
    )
    return make_pipeline(
        prepare,
        PartiallyPooledLogistic(
            group=0, C=C, levels_apart=levels_apart, weights_apart=weights_apart, rows_a_visit=rows_a_visit
        ),
    )


def lightgbm(
    surroundings: Surroundings,
    *,
    n_estimators: int,
    learning_rate: float,
    num_leaves: int,
    min_child_samples: int,
    reg_lambda: float,
    subsample: float,
    colsample_bytree: float,
    monotone: bool,
) -> Pipeline:
    """Gradient-boosted trees, deterministic; with `monotone`, more of an indicator can only move the score its declared way.

    Parameters are LightGBM's own, by its scikit-learn names; each must be given, and a misspelt one is refused.
    """
    return _boosted(
        surroundings,
        n_estimators=n_estimators,
        learning_rate=learning_rate,
        num_leaves=num_leaves,
        min_child_samples=min_child_samples,
        reg_lambda=reg_lambda,
        subsample=subsample,
        subsample_freq=1 if subsample < 1 else 0,
        colsample_bytree=colsample_bytree,
        **_constraints(surroundings, monotone=monotone),
    )


def additive(
    surroundings: Surroundings,
    *,
    n_estimators: int,
    learning_rate: float,
    min_child_samples: int,
    reg_lambda: float,
    monotone: bool,
) -> Pipeline:
    """A sum of one curve per column: boosted trees of a single split, which cannot combine columns (Friedman 2001; Lou, Caruana & Gehrke 2012).

    Parameters are LightGBM's own, by its scikit-learn names. The global profile of each column is the whole model.
    """
    return _boosted(
        surroundings,
        n_estimators=n_estimators,
        learning_rate=learning_rate,
        max_depth=1,
        num_leaves=2,
        min_child_samples=min_child_samples,
        reg_lambda=reg_lambda,
        **_constraints(surroundings, monotone=monotone),
    )


def scorecard(
    surroundings: Surroundings,
    *,
    lines: Annotated[int, Field(ge=1, le=30)],
    points: Annotated[int, Field(ge=1, le=100)],
    cuts: Annotated[int, Field(ge=1)],
    support: Annotated[int, Field(ge=1)],
    monotone: bool,
) -> BaseEstimator:
    """A card of at most `lines` facts with whole points, learnt; with `monotone`, facts point the way that the dictionary declares.

    Parameters
    ----------
    lines, points, cuts, support
        See `Scorecard`.

    Raises
    ------
    InputError
        When the model may see a column of words.
    """
    if surroundings.categorical:
        raise wrong(
            "models.scorecard.columns",
            f"{surroundings.categorical[0]} holds words; a scorecard counts numbers.",
            "Write columns: features.",
        )
    signs = {feature.name: feature.monotone for feature in surroundings.features} if monotone else {}
    return Scorecard(
        lines=lines,
        points=points,
        cuts=cuts,
        support=support,
        directions=[signs.get(name, 0) for name in surroundings.columns],
    )


def _boosted(surroundings: Surroundings, **parameters: Any) -> Pipeline:
    """LightGBM's trees, deterministic; words become 0/1 columns."""
    from lightgbm import LGBMClassifier

    encoder = ColumnTransformer(
        [
            ("words", OneHotEncoder(handle_unknown="ignore", sparse_output=False), list(surroundings.categorical)),
            ("numbers", "passthrough", list(surroundings.numeric)),
        ],
        verbose_feature_names_out=False,
    )
    trees = LGBMClassifier(
        random_state=surroundings.seed,
        n_jobs=surroundings.threads,
        deterministic=True,
        force_row_wise=True,
        verbosity=-1,
        **parameters,
    )
    return make_pipeline(encoder, trees)


def sar_em(
    surroundings: Surroundings, *, labelled_by: tuple[str, ...], C: float, max_iter: int, tol: float
) -> Pipeline:
    """SAR-EM on found places and places of which nothing is known; `labelled_by` names the columns that decide whether a case is found."""
    from tegenkracht.models.positive_unlabelled import SarEM

    places = tuple(surroundings.numeric.index(column) for column in labelled_by)
    return make_pipeline(_numbers_only(surroundings), SarEM(labelled_by=places, C=C, max_iter=max_iter, tol=tol))


def nn_pu(surroundings: Surroundings, *, prior: float, C: float, max_iter: int) -> Pipeline:
    """A linear model on the non-negative risk, at a share of cases that the study gives."""
    from tegenkracht.models.positive_unlabelled import NonNegativePU

    return make_pipeline(_numbers_only(surroundings), NonNegativePU(prior=prior, C=C, max_iter=max_iter))


def elkan_noto(surroundings: Surroundings, *, C: float, max_iter: int) -> Pipeline:
    """Elkan and Noto's correction: a rough upper bound of the chance of a case."""
    from tegenkracht.models.positive_unlabelled import ElkanNoto

    return make_pipeline(_numbers_only(surroundings), ElkanNoto(C=C, max_iter=max_iter))


def _numbers_only(surroundings: Surroundings) -> Pipeline:
    """Median for what is missing, standardised, columns in their own order. Words are left out."""
    kept = ColumnTransformer([("numbers", "passthrough", list(surroundings.numeric))])
    return make_pipeline(kept, SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler())


def _constraints(surroundings: Surroundings, *, monotone: bool) -> dict[str, Any]:
    """LightGBM's monotone constraints from the dictionary's directions; only for tables without words.

    By its method `intermediate`: `advanced` lets some scores move the wrong way (LightGBM issues 5358 and 6155; decision 17).
    """
    if not monotone or surroundings.categorical:
        return {}
    signs = {feature.name: feature.monotone for feature in surroundings.features}
    return {
        "monotone_constraints": [signs.get(name, 0) for name in surroundings.columns],
        "monotone_constraints_method": "intermediate",
    }


def _prepare(surroundings: Surroundings, *, missing: Literal["flag", "impute"]) -> ColumnTransformer:
    """Numbers: median, flag, standardise. Words: 0/1 columns, standardised alike; an unseen word is all zeros."""
    numbers = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=missing == "flag", keep_empty_features=True), StandardScaler()
    )
    words = make_pipeline(OneHotEncoder(handle_unknown="ignore", sparse_output=False), StandardScaler())
    return ColumnTransformer(
        [("numbers", numbers, list(surroundings.numeric)), ("words", words, list(surroundings.categorical))]
    )


FACTORIES: Mapping[str, Factory] = {
    "tegenkracht.models.prior": prior,
    "tegenkracht.models.random": random_order,
    "tegenkracht.models.current_rule": current_rule,
    "tegenkracht.models.who_inspects": who_inspects,
    "tegenkracht.models.logistic": logistic,
    "tegenkracht.models.partially_pooled": partially_pooled,
    "tegenkracht.models.lightgbm": lightgbm,
    "tegenkracht.models.additive": additive,
    "tegenkracht.models.scorecard": scorecard,
    "tegenkracht.models.given_score": given_score,
    "tegenkracht.models.sar_em": sar_em,
    "tegenkracht.models.nn_pu": nn_pu,
    "tegenkracht.models.elkan_noto": elkan_noto,
}
UNLABELLED = frozenset(f"tegenkracht.models.{name}" for name in ("sar_em", "nn_pu", "elkan_noto"))
"""Those that also learn from places of which no outcome is known."""

LIGHTGBM = "tegenkracht.models.lightgbm"
"""Trees, against which what a readable model costs is told."""

READABLE = ("tegenkracht.models.scorecard", "tegenkracht.models.additive")
"""Learnt models that a person can check by hand, the easiest to read first: a table of points, and one curve per column."""


def check_parameters(target: str, parameters: Mapping[str, Any]) -> tuple[dict[str, Any], list[tuple[str, str, str]]]:
    """The parameters with their types, and what is wrong with them as (key, what, way out).

    The factory's own signature decides: an unknown name, a missing one and a wrong type are all found at once.
    """
    if target not in FACTORIES:
        return {}, [
            ("_target_", f"`{target}` is not a model of tegenkracht.", f"Choose one of: {', '.join(FACTORIES)}.")
        ]
    wanted = _wanted(FACTORIES[target])
    problems = [
        (key, f"`{key}` is not a parameter of {target}.", _did_you_mean(key, wanted))
        for key in parameters
        if key not in wanted
    ]
    problems += [
        (key, "this parameter is missing.", f"Give it a value; {target} has no defaults.")
        for key in wanted
        if key not in parameters
    ]
    typed: dict[str, Any] = {}
    for key in [key for key in parameters if key in wanted]:
        try:
            typed[key] = TypeAdapter(wanted[key]).validate_python(parameters[key])
        except ValidationError as error:
            problems += [
                (
                    ".".join([key, *map(str, e["loc"])]),
                    f"{e['msg']} (found `{_shown(e['input'])}`).",
                    "Correct the value.",
                )
                for e in error.errors()
            ]
    return typed, problems


def _wanted(factory: Factory) -> dict[str, Any]:
    signature = inspect.signature(factory, eval_str=True)
    return {name: p.annotation for name, p in signature.parameters.items() if p.kind is inspect.Parameter.KEYWORD_ONLY}


def _did_you_mean(key: str, wanted: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(key, wanted, n=1)
    return f"Did you mean `{close[0]}`?" if close else f"It has: {', '.join(wanted) or 'none'}."


def _shown(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."
