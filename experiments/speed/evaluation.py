"""What evaluating the models of a study costs, against fitting them.

    python experiments/speed/evaluation.py [experiment=shopping_strip] [key=value …]

One run of the whole study, with the seconds of each stage: those of the processor, which other work on the machine hardly moves, and those on
the clock. Every stage that computes a figure about the models' scores, or asks a question of such figures, counts as evaluation, also where it
fits something of its own (chances of a visit, telling training from test, telling groups from columns). Fitting is learning every model on every
fold, and scoring; learning the card's model again from other draws stands apart, and so do contributions and what is read from them. Run it twice:
the first time compiles.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable
from datetime import datetime

from tegenkracht.config import compose_spec
from tegenkracht.core.progress import silent
from tegenkracht.experiment.run import AFTERWARDS, STAGES
from tegenkracht.study import Done, run_study

FITS = ("fit and score",)
REFITS = ("refit",)
EVALUATION = (*STAGES, *AFTERWARDS, "single places", "profile")
EXPLANATION = ("explain", "disagree", "learned", "missed")


def part(done: Done, title: str, stages: Iterable[str]) -> float:
    """Print the stages of one part, and give the processor seconds of all of them."""
    names = [name for name in stages if name in done.seconds]
    print(f"\n{title:<32}{'processor':>12}{'clock':>12}")
    for name in names:
        print(f"  {name:<30}{done.processor[name]:>10.2f} s{done.seconds[name]:>10.2f} s")
    total = sum(done.processor[name] for name in names)
    print(f"  {'in all':<30}{total:>10.2f} s{sum(done.seconds[name] for name in names):>10.2f} s")
    return total


def main() -> None:
    """Run the study and print what each part costs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("overrides", nargs="*", default=["experiment=shopping_strip"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        spec = compose_spec([*options.overrides, "tracking=off", f"output={folder}/outputs"])
        done = run_study(spec, started=datetime.now(), progress=silent)
    known = {*FITS, *REFITS, *EVALUATION, *EXPLANATION}
    fits, refits = part(done, "Fitting", FITS), part(done, "Learning again", REFITS)
    evaluation, explanation = part(done, "Evaluation", EVALUATION), part(done, "Explanation", EXPLANATION)
    part(done, "The rest", [name for name in done.seconds if name not in known])
    largest = max(EVALUATION, key=lambda name: done.processor[name])
    print(f"\n{len(done.result.estimates):,} estimates; the longest stage of evaluation is `{largest}`")
    print("processor seconds:")
    print(f"  evaluation / fitting                                 {evaluation / fits:6.2f}")
    print(f"  evaluation / (fitting + learning again)              {evaluation / (fits + refits):6.2f}")
    if explanation:
        both = evaluation + explanation
        print(f"  (evaluation + explanation) / (fitting + learning again) {both / (fits + refits):3.2f}")


if __name__ == "__main__":
    main()
