"""One study, from panel to numbers: fit, score, measure, audit, explain, check. No configuration, no MLflow, no files."""

from tegenkracht.experiment.questions import Importance, Learned, Missed, Origins, Pooled, Questions
from tegenkracht.experiment.run import Result, run_experiment
from tegenkracht.experiment.tested import Tested, Told

__all__ = [
    "Importance",
    "Learned",
    "Missed",
    "Origins",
    "Pooled",
    "Questions",
    "Result",
    "Tested",
    "Told",
    "run_experiment",
]
