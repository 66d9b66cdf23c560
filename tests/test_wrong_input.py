"""Wrong input ends with exit code 2, a sentence that names the place and the way out, and nothing written.

One table of cases: what is broken, how the study is called, and what the reader is told.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import yaml

from tegenkracht.cli import main
from tegenkracht.core.progress import silent
from tegenkracht.data.world import make_world, read_world

Break = Callable[[Path], None]


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> Path:
    """A small dataset of marinas that holds; its description carries no digests, so that a test can bend one table."""
    folder = tmp_path_factory.mktemp("good") / "marina"
    make_world(read_world("selected"), scale=0.3, seed=1, sectors=("marina",), to=folder, force=False, progress=silent)
    described(lambda d: [table.pop("sha256", None) for table in d["tables"].values()])(folder)
    return folder


def described(change: Callable[[dict], object]) -> Break:
    """Change dataset.yaml."""

    def apply(folder: Path) -> None:
        file = folder / "dataset.yaml"
        content = yaml.safe_load(file.read_text())
        change(content)
        file.write_text(yaml.safe_dump(content, allow_unicode=True))

    return apply


def table(name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Break:
    """Change one table."""

    def apply(folder: Path) -> None:
        file = folder / f"{name}.parquet"
        change(pd.read_parquet(file)).to_parquet(file)

    return apply


def cell(name: str, column: str, value: object, row: int = 0) -> Break:
    """Change one cell."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(**{column: [value if i == row else held for i, held in enumerate(frame[column])]})

    return table(name, change)


def as_csv(**settings: str) -> Break:
    """Write the events as CSV in another way than the contract's."""

    def apply(folder: Path) -> None:
        frame = pd.read_parquet(folder / "events.parquet")
        frame["kind"] = "één ligplaats"
        frame.to_csv(folder / "events.csv", index=False, **settings)
        (folder / "events.parquet").unlink()
        described(lambda d: d["tables"]["events"].update(file="events.csv"))(folder)

    return apply


def nothing(folder: Path) -> None:
    """Leave the dataset as it is."""


@dataclass(frozen=True)
class Case:
    """What is broken, with which overrides the study is called, and what the message holds."""

    name: str
    breaks: Break
    message: str
    overrides: tuple[str, ...] = ()


CASES = [
    # the dataset
    Case(
        "no folder",
        shutil.rmtree,
        r"data: there is no such folder\. Correct the path, or make or import a dataset first",
    ),
    Case(
        "missing table",
        lambda folder: (folder / "events.parquet").unlink(),
        r"events\.parquet: .*(not there|missing|no file)",
    ),
    Case(
        "missing column",
        table("inspections", lambda t: t.drop(columns="finding")),
        r"inspections\.parquet, column `finding`: the column is missing\. Add it\.",
    ),
    Case(
        "misspelt column",
        table("inspections", lambda t: t.rename(columns={"finding": "findng"})),
        r"column `finding`: the column is missing\. Rename `findng` to `finding`\?",
    ),
    Case(
        "wrong type",
        table("inspections", lambda t: t.assign(finding="yes")),
        r"inspections\.parquet.*column `finding`: the column holds .*true or false expected",
    ),
    Case(
        "a group that is two words in the name of a number",
        cell("groups", "value", "high, and low"),
        r"groups\.parquet, row 1, column `value`: `high, and low` has a comma, an equals sign or an asterisk in it; in the name of a number these "
        r"part one word from the next\. Write a plain word here, such as much_and_little, and its words under `attributes\.\w+\.values` in dataset\.yaml\.",
    ),
    Case(
        "a sector that is two words in the name of a number",
        cell("units", "sector", "marina*club"),
        r"units\.parquet, row 1, column `sector`: `marina\*club` has a comma, .* Write another name, without them\.",
    ),
    Case(
        "an inspector who is two words in the name of a number",
        cell("inspections", "inspector", "team 3, north"),
        r"inspections\.parquet, row 1, column `inspector`: `team 3, north` has a comma, .* Write another code, without them\.",
    ),
    Case("unknown unit", cell("events", "unit_id", "nobody", 3), r"events\.parquet, row 4, column `unit_id`: .*nobody"),
    Case(
        "duplicate key",
        table("units", lambda t: pd.concat([t, t.head(1)])),
        r"units\.parquet, row \d+, column `unit_id`: an earlier row has the same key",
    ),
    Case(
        "known before it happened",
        cell("events", "known_on", date(2001, 1, 1)),
        r"events\.parquet, row 1, column `known_on`: known_on 2001-01-01 lies before occurred_on",
    ),
    Case(
        "inspection in the future",
        cell("inspections", "known_on", date(2031, 1, 1)),
        r"inspections\.parquet, row 1, column `known_on`: known_on 2031-01-01 lies after known_until of the dataset, 2023-12-31: it was in the future\.",
    ),
    Case(
        "closed before opened",
        table("units", lambda t: t.assign(opened_on=pd.Timestamp("2015-01-02"), closed_on=pd.Timestamp("2015-01-01"))),
        r"units\.parquet, rows 1, 2, 3, 4, 5 and .* more, column `closed_on`: closed_on 2015-01-01 lies before opened_on 2015-01-02",
    ),
    Case("empty table", table("inspections", lambda t: t.head(0)), r"inspections\.parquet: the table has no rows\."),
    Case(
        "a CSV in Latin-1",
        as_csv(encoding="latin-1"),
        r"events\.csv, row 1: the text is not UTF-8; it looks like Latin-1 \(Windows-1252\)\. Save it as CSV UTF-8",
    ),
    Case("a CSV with semicolons", as_csv(sep=";"), r"events\.csv: .*(semicolon|;)"),
    Case(
        "corrupt Parquet",
        lambda folder: (folder / "events.parquet").write_bytes(b"PAR1 no"),
        r"events\.parquet: .*Parquet",
    ),
    Case(
        "unreachable PostgreSQL",
        described(lambda d: d.update(location="postgresql://someone:secret@127.0.0.1:9/nothing")),
        r"127\.0\.0\.1.*(reach|refused|connect)",
    ),
    Case(
        "person subject",
        described(lambda d: d["event_kinds"]["cash_share"].update(subject="person")),
        r"dataset\.yaml, .*cash_share\.subject: the subject `person` is refused",
    ),
    Case(
        "a name in a column",
        table("units", lambda t: t.assign(achternaam="x")),
        r"column `achternaam`: the column's name says that it describes a person",
    ),
    Case(
        "unknown event kind",
        cell("events", "kind", "yachts"),
        r"events\.parquet, row 1, column `kind`: `yachts` is not known\. Describe it under `event_kinds`",
    ),
    Case(
        "impossible chance",
        cell("inspections", "propensity", 1.5),
        r"inspections\.parquet, row 1, column `propensity`: 1\.5 is not a chance above 0 and at most 1",
    ),
    Case("no description", lambda folder: (folder / "dataset.yaml").unlink(), r"dataset\.yaml"),
    Case(
        "a special category of personal data without safeguards",
        described(lambda d: d["attributes"]["group"].update(special_category=True, access=[{"nl": "wij", "en": "we"}])),
        r"dataset\.yaml, line \d+, attributes\.group: this is a special category of personal data, and `ground`, `delete_on` are missing\. Write here",
    ),
    Case(
        "a special category of personal data that should have been deleted",
        described(
            lambda d: d["attributes"]["group"].update(
                special_category=True,
                ground={"nl": "wet", "en": "act"},
                access=[{"nl": "wij", "en": "we"}],
                delete_on=d["known_until"],
            )
        ),
        r"dataset\.yaml.*attributes\.group: these data should have been deleted on .* Delete its rows from `groups`",
    ),
    Case("misspelt key in the description", described(lambda d: d.update(tittle="x")), r"dataset\.yaml, .*tittle"),
    Case(
        "another file than was described",
        described(lambda d: d["tables"]["units"].update(sha256="0" * 64)),
        r"units\.parquet: .*sha256",
    ),
    # the study
    Case(
        "unknown study",
        nothing,
        r"experiment=marinas: there is no file conf/experiment/marinas\.yaml\. Did you mean `marina`\?",
        ("experiment=marinas",),
    ),
    Case(
        "misspelt key",
        nothing,
        r"time\.horizn: this key is not known\. Did you mean `time\.horizon`\?",
        ("time.horizn=3 months",),
    ),
    Case(
        "misspelt model parameter",
        nothing,
        r"models\.lightgbm\.estimator\.learning_ratee: `learning_ratee` is not a parameter of tegenkracht\.models\.lightgbm\. Did you mean `learning_rate`\?",
        ("+models.lightgbm.estimator.learning_ratee=0.1",),
    ),
    Case(
        "forbidden target",
        nothing,
        r"models\.lightgbm\.estimator\._target_: `builtins\.open` is not a model of tegenkracht\.",
        ("models.lightgbm.estimator._target_=builtins.open",),
    ),
    Case(
        "model of pandas",
        nothing,
        r"`pandas\.read_pickle` is not a model of tegenkracht\.",
        ("models.prior.estimator._target_=pandas.read_pickle",),
    ),
    Case(
        "a rule on a column that is not there",
        nothing,
        r"models\.current_rule\.estimator\.rules\.0\.column: `berth` is not a column of the panel\.",
        ("models.current_rule.estimator.rules=[{column: berth, at_least: 1, points: 1}]",),
    ),
    Case(
        "an audit attribute for a model",
        nothing,
        r"models\.logistic\.columns: `deprivation` is an audit attribute; no model may see it\. Remove it\.",
        ("models.logistic.columns=[deprivation]",),
    ),
    Case(
        "a figure of an area in a rule",
        nothing,
        r"models\.current_rule\.estimator\.rules\.0\.column: `area_road_distance_latest` is a figure of an area; .* Remove it here; "
        r"name its measure in `audit\.measures`",
        ("models.current_rule.estimator.rules=[{column: area_road_distance_latest, at_least: 1, points: 1}]",),
    ),
    Case(
        "an audit attribute as feature",
        nothing,
        r"features\.recipes\.0\.kind: `deprivation` is an audit attribute; it may never be a feature\.",
        ("features.recipes=[{from: events, kind: deprivation, statistics: [count], windows: [all]}]",),
    ),
    Case(
        "unknown kind in a recipe",
        nothing,
        r"features\.recipes\.0\.kind: `cash_shares` is not an event kind of dataset .* Did you mean `cash_share`\?",
        ("features.recipes=[{from: events, kind: cash_shares, statistics: [count], windows: [all]}]",),
    ),
    Case(
        "unknown audit attribute",
        nothing,
        r"audit\.attributes: `wealth` is not an attribute of dataset",
        ("audit.attributes=[wealth]", "audit.intersections=[]"),
    ),
    Case(
        "reason for an unknown attribute",
        nothing,
        r"audit\.why: `colour` is not an attribute of dataset .*\. It has: ",
        ("+audit.why.colour={reason: {nl: x, en: x}, harm: {nl: x, en: x}}",),
    ),
    Case(
        "unknown measure of areas",
        nothing,
        r"audit\.measures: `income` is not a measure of areas in dataset .*\. It has: ",
        ("+audit.measures=[income]",),
    ),
    Case(
        "horizon longer than the data",
        nothing,
        r"time\.horizon: no as-of date has an outcome that could be known by 2023-12-31",
        ("time.horizon=20 years",),
    ),
    Case("not a span of time", nothing, r"time\.horizon: `a year` is not a span of time", ("time.horizon=a year",)),
    Case(
        "no positive in a training fold",
        table(
            "inspections",
            lambda t: t.assign(finding=t["finding"] & (pd.to_datetime(t["inspected_on"]) >= "2020-01-01")),
        ),
        r"split, fold 2019-07-01: none of the \d+ training rows is positive\. Test later, or take a longer training history\.",
    ),
    Case(
        "nothing settled before the first test",
        nothing,
        r"split, fold 2017-01-01: no outcome was settled before this date, so there is nothing to learn from\.",
        ("split.first_test=2017-01-01",),
    ),
    Case(
        "test dates after the study",
        nothing,
        r"split\.first_test: there is no as-of date from this day on\.",
        ("split.first_test=2030-01-01",),
    ),
    Case(
        "capacity above the cohort",
        nothing,
        r"review\.capacity: 99,999 places are more than the \d+ that can be on a list in fold",
        ("review.capacity=99999",),
    ),
    Case(
        "one class only",
        table("inspections", lambda t: t.assign(finding=False)),
        r"label: all [\d,]+ outcomes are no finding; there is nothing to learn\.",
    ),
    Case(
        "all outcomes unobserved",
        nothing,
        r"label: no outcome is observed: nobody inspected any of these units within the horizon\.",
        ("time.horizon=0 days",),
    ),
    Case(
        "constant feature",
        nothing,
        r"features\.recipes: the column `\w+_count_1d` is 0 in all [\d,]+ rows\. Remove it, or take another window\.",
        ("features.recipes=[{from: events, kind: boat_reg_mismatch, statistics: [count], windows: [1 day]}]",),
    ),
    Case(
        "unknown sector",
        nothing,
        r"cohort\.sectors: dataset \w+ has no units of sector `harbour`\. It has: marina\.",
        ("cohort.sectors=[harbour]",),
    ),
    Case(
        "groups that are too small to be shown",
        nothing,
        r"audit\.min_group: Input should be greater than or equal to 10",
        ("audit.min_group=3",),
    ),
    Case("a person as unit", nothing, r"purpose\.unit: Input should be 'place'", ("purpose.unit=person",)),
    Case("a server without address", nothing, r"tracking\.uri: this key is missing\.", ("tracking=server",)),
    Case("an environment variable in a study", nothing, r"oc\.env", ("card.version=${oc.env:HOME}",)),
]


@pytest.fixture
def run(good, tmp_path, monkeypatch, capsys):
    """Run the study of marinas on a broken copy of the good data; give back exit code and message."""

    def call(case: Case, *more: str) -> tuple[int, str]:
        data = tmp_path / "data"
        shutil.copytree(good, data)
        case.breaks(data)
        monkeypatch.chdir(tmp_path)
        named = [] if any(o.startswith("experiment=") for o in case.overrides) else ["experiment=marina"]
        world = ["data.world=null", f"data.path={data}", "evaluate.replicates=100", "review.capacity=20"]
        mine = {o.partition("=")[0] for o in case.overrides}
        code = main(["run", *named, *[w for w in world if w.partition("=")[0] not in mine], *case.overrides, *more])
        return code, capsys.readouterr().err

    return call


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_wrong_input_is_named_and_nothing_is_written(case, run, tmp_path):
    """Exit code 2, the message, and no outputs folder."""
    code, message = run(case)
    assert code == 2, message
    assert re.search(case.message, message), message
    assert "Traceback" not in message
    assert "secret" not in message
    assert not (tmp_path / "outputs").exists()


def test_an_output_folder_that_cannot_be_written_is_named(run, tmp_path):
    """A file stands where the folder should be; nothing else is touched."""
    blocked = tmp_path / "blocked"
    blocked.write_text("in the way")
    code, message = run(Case("", nothing, ""), f"output={blocked}/outputs")
    assert code == 2
    assert re.search(
        r"blocked/outputs: this folder cannot be written \(Not a directory\)\. Give yourself the right to write there",
        message,
    )
    assert blocked.read_text() == "in the way"


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_is_named_and_leaves_nothing(run, tmp_path):
    """A disk of 64 KiB fills while the run is written; what was written is gone again."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"this machine may not mount: {mounted.stderr.strip()}")
    try:
        quick = ["explain.refits=0", "explain.importance=null", "explain.learned=null", "explain.missed=null"]
        code, message = run(Case("", nothing, ""), f"output={disk}/outputs", "tracking=off", *quick)
        assert code == 2, message
        assert re.search(
            r"disk/outputs: the disk is full\. Make room, or write elsewhere with output=<folder>\. Nothing of this run was kept\.",
            message,
        )
        left = [path.name for path in disk.rglob("*") if path.is_file()]
        assert left in ([], ["looks.jsonl"]), "a look that was taken stays on record, and nothing else"
    finally:
        subprocess.run(["umount", str(disk)], check=True)
