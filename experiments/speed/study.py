"""What one study costs, by stage, against the bare fits (the floor) and the script that one would write by hand.

    python experiments/speed/study.py [experiment=shopping_strip] [key=value …] [--naive-rows 300] [--naive-replicates 3]

Everything runs in one process and one stretch, one after the other, so that the ratios hold whatever the machine. The script by hand is timed on
a sample of its slow parts (attributions of `--naive-rows` rows, `--naive-replicates` replicates) and scaled; those lines carry a star.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import tempfile
import time
import warnings
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
START = time.perf_counter()


@contextlib.contextmanager
def stage(seconds: dict[str, float], name: str, scale: float = 1.0) -> Iterator[None]:
    """Add the seconds of a block, scaled, to its stage."""
    start = time.perf_counter()
    yield
    seconds[name] = seconds.get(name, 0.0) + (time.perf_counter() - start) * scale


def floor(result) -> dict[str, float]:
    """Bare LightGBM on the same folds: fit and predict, nothing else."""
    import lightgbm as lgb

    seconds: dict[str, float] = {}
    for model in (m for m in result.fitted if hasattr(m.estimator, "steps") and hasattr(m.estimator[-1], "booster_")):
        rows, columns = result.panel.rows, list(model.columns)
        train, test = rows.iloc[model.fold.train], rows.iloc[model.fold.test]
        bare = lgb.LGBMClassifier(**model.estimator[-1].get_params())
        with stage(seconds, "fit"):
            bare.fit(train[columns].to_numpy(), train["outcome"].to_numpy())
        with stage(seconds, "predict"):
            bare.predict_proba(test[columns].to_numpy())
    return seconds


def by_hand(result, spec, *, rows: int, replicates: int, folder: Path) -> dict[str, float]:
    """The script that one would write today: scikit-learn, shap, fairlearn and MLflow as their tutorials show."""
    import mlflow
    import numpy as np
    import shap
    from fairlearn.metrics import MetricFrame, selection_rate
    from sklearn.base import clone
    from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

    seconds: dict[str, float] = {}
    mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    with stage(seconds, "mlflow store"):
        mlflow.set_experiment("by hand")
    attribute = spec.audit.attributes[0] if spec.audit.attributes else None
    for model in result.fitted:
        train, test = result.panel.rows.iloc[model.fold.train], result.panel.rows.iloc[model.fold.test]
        seen = test[test["observed"]]
        columns = list(model.columns)
        estimator = clone(model.estimator)
        with stage(seconds, "fit"):
            estimator.fit(train[columns], train["outcome"].astype(int))
        with stage(seconds, "predict"):
            score = (
                estimator.predict_proba
                if hasattr(estimator, "predict_proba")
                else lambda x, e=estimator: np.column_stack([e.decision_function(x)] * 2)
            )
            score(test[columns])
        given = score(seen[columns])[:, 1]
        cut = np.quantile(given, 0.9)
        metrics = {
            "auc": lambda y, s: roc_auc_score(y, s) if len(set(y)) > 1 else 0.0,
            "ap": lambda y, s: average_precision_score(y, s) if any(y) else 0.0,
            "brier": lambda y, s: brier_score_loss(y, np.clip(s, 0, 1), pos_label=1),
            "selected": lambda y, s, cut=cut: selection_rate(y, np.asarray(s) > cut),
        }
        groups = seen[attribute].fillna("unknown") if attribute else np.zeros(len(seen))
        with stage(seconds, "metrics with intervals *", spec.evaluate.replicates / replicates):
            MetricFrame(
                metrics=metrics,
                y_true=seen["outcome"].astype(int),
                y_pred=given,
                sensitive_features=groups,
                n_boot=replicates,
                ci_quantiles=[0.025, 0.975],
                random_state=1,
            )
        if model.plan.explain and hasattr(estimator, "steps"):
            some = test[columns].iloc[:rows]
            with stage(seconds, "attributions *", len(test) / len(some)):
                last, before = estimator[-1], estimator[:-1].transform(some)
                (shap.TreeExplainer(last) if hasattr(last, "booster_") else shap.LinearExplainer(last, before))(before)
        with mlflow.start_run(), stage(seconds, "mlflow one by one"):
            for name, value in estimator.get_params(deep=False).items():
                mlflow.log_param(name, str(value)[:400])
            for name, metric in metrics.items():
                mlflow.log_metric(name, float(metric(seen["outcome"].astype(int).to_numpy(), given)))
            if model.plan.explain and hasattr(estimator, "steps"):
                mlflow.sklearn.log_model(
                    estimator, name="model", serialization_format="cloudpickle", input_example=test[columns].head(3)
                )
    return seconds


def table(title: str, seconds: dict[str, float]) -> float:
    """Print stages and their sum."""
    print(f"\n{title}")
    for name, spent in seconds.items():
        print(f"  {name:<28}{spent:9.2f} s")
    total = sum(seconds.values())
    print(f"  {'in all':<28}{total:9.2f} s")
    return total


def main() -> None:
    """Run the study, the floor and the script by hand, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("overrides", nargs="*", default=["experiment=shopping_strip"])
    parser.add_argument("--naive-rows", type=int, default=300)
    parser.add_argument("--naive-replicates", type=int, default=3)
    options = parser.parse_args()
    from tegenkracht.config import compose_spec
    from tegenkracht.core.progress import silent
    from tegenkracht.study import run_study

    with tempfile.TemporaryDirectory() as folder:
        spec = compose_spec([*options.overrides, f"output={folder}/outputs"])
        imports = time.perf_counter() - START
        done = run_study(spec, started=datetime.now(), progress=silent)
        whole = table("This study", {"import the door": imports, **done.seconds})
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        bare = table("Floor: bare LightGBM on the same folds", floor(done.result))
        spent = by_hand(
            done.result, spec, rows=options.naive_rows, replicates=options.naive_replicates, folder=Path(folder)
        )
        hand = table("Script by hand (* scaled from a sample)", spent)
    print(f"\nthis study / floor: {whole / bare:.1f}\nscript by hand / this study: {hand / whole:.1f}")


if __name__ == "__main__":
    main()
