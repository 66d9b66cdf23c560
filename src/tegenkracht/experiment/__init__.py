"""One study, from panel to numbers: fit, score, measure, audit, explain, check. No configuration, no MLflow, no files."""

from tegenkracht.experiment.questions import Learned, Missed, Questions
from tegenkracht.experiment.run import Result, run_experiment
from tegenkracht.experiment.tested import Tested, Told

__all__ = ["Learned", "Missed", "Questions", "Result", "Tested", "Told", "run_experiment"]
