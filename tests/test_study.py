"""A study from configuration to card: files, identical numbers, and what MLflow keeps."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from tegenkracht.cli import main
from tegenkracht.config import compose_spec
from tegenkracht.core.errors import InputError
from tegenkracht.core.estimate import read_estimates
from tegenkracht.core.progress import silent
from tegenkracht.data.sources import read_dataset
from tegenkracht.models.store import load_model, scores_of
from tegenkracht.reporting.places import FOLDER, KEY_FILE, LOCAL_ONLY, REASONS_FILE, SINGLE_FILE
from tegenkracht.run_record import has_place_pages
from tegenkracht.study import run_study

SMALL = [
    *("experiment=marina", "data.world.scale=0.4", "evaluate.replicates=100", "review.capacity=20"),
    "explain.refits=2",
]
NO_REFITS = [
    *("explain.refits=0", "explain.importance=null", "explain.learned=null", "explain.missed=null"),
    *("explain.place_pages=none", "audit.origins=null", "audit.intersections=[]", "evaluate.chances=null"),
    *("evaluate.pooled=null", "evaluate.inspections=null"),
    *(f"~model@models.{name}" for name in ("additive", "scorecard", "logistic", "prior", "random")),
]
"""For what is asked of a second run, not of its explanation, its audits or all of its models."""


@pytest.fixture(scope="module")
def done(marinas, tmp_path_factory):
    """One small study of marinas, recorded."""
    folder = tmp_path_factory.mktemp("study")
    spec = compose_spec([*SMALL, *marinas, f"output={folder}/outputs"])
    return spec, run_study(spec, started=datetime(2026, 1, 2, 3, 4, 5), progress=silent)


def test_a_run_leaves_every_file_of_the_design(done):
    """Card in two languages and as data, numbers, findings, scores, attributions, models, figures and provenance."""
    spec, run = done
    names = {path.name for path in run.folder.iterdir()}
    assert names == {
        *("card.nl.html", "card.en.html", "card.json", "evaluation.json", "findings.json", "scores.parquet"),
        *("attributions", "spec.yaml", "run.json", "models", "figures", "splits.json"),
        *(LOCAL_ONLY - {SINGLE_FILE}),
    }
    assert run.folder.name.startswith("20260102-030405-")
    assert {path.name for path in (run.folder / "models").iterdir()} == set(spec.models)
    figures = {path.name for path in (run.folder / "figures").iterdir()}
    assert {
        "fig-precision.nl.svg",
        "fig-recall.en.svg",
        "fig-calibration.nl.svg",
        "fig-folds.nl.svg",
        "shap-lightgbm.en.svg",
    } <= figures


def test_the_card_tells_every_finding_in_a_sentence_of_its_own(done):
    """No check falls back on "something was found" and a bare list of facts; every sentence that its findings select is there."""
    card = (done[1].folder / "card.json").read_text(encoding="utf-8")
    assert re.search(r'"findings\.TK312\.[a-z_]+"|"findings\.because"', card)
    assert "findings.general." not in card


def test_the_same_study_gives_the_same_bytes(done, tmp_path):
    """A second run elsewhere, with another number of threads, has the same evaluation.json and findings.json."""
    spec, run = done
    again = compose_spec(
        [*SMALL, f"data.path={spec.data.path}", f"output={tmp_path}", "tracking=off", "resources.threads=2"]
    )
    second = run_study(again, started=datetime(2027, 1, 1), progress=silent)
    for name in ("evaluation.json", "findings.json", "scores.parquet"):
        assert (second.folder / name).read_bytes() == (run.folder / name).read_bytes(), name


def test_scores_and_attributions_cover_every_test_row(done):
    """One score per model and row; one attribution per explained model and row; they add up."""
    spec, run = done
    scores = pd.read_parquet(run.folder / "scores.parquet")
    assert list(scores.columns) == [
        "row_id",
        "unit_id",
        "as_of",
        "model",
        "fold",
        "score",
        "rank",
        "outcome",
        "observed",
    ]
    per_model = scores.groupby("model")["row_id"].nunique()
    assert per_model.nunique() == 1
    for name in [n for n, plan in spec.models.items() if plan.explain]:
        assert pq.read_metadata(run.folder / "attributions" / f"{name}.parquet").num_rows == per_model[name]
    assert scores.loc[~scores["observed"], "outcome"].isna().all()


def test_flagged_places_have_their_reasons(done):
    """At most five for each place on the lists of the card's model; on the last list the same as its page tells, fact for fact."""
    spec, run = done
    reasons = pd.read_parquet(run.folder / REASONS_FILE)
    assert reasons.groupby("row_id").size().max() <= spec.explain.reasons == 5
    key, pages = pd.read_csv(run.folder / KEY_FILE), pd.read_parquet(run.folder / FOLDER / "places.parquet")
    told = pages[pages["number"].str.fullmatch(r"reason\.\d+\.low")].merge(key, on="place")
    told = told.drop_duplicates(["row_id", "feature"]).set_index(["row_id", "feature"])["value"]
    table = reasons[reasons["row_id"].isin(key["row_id"])].dropna(subset=["low"]).set_index(["row_id", "feature"])
    assert not told.empty
    assert table["low"].reindex(told.index).tolist() == told.tolist()
    scores = pd.read_parquet(run.folder / "scores.parquet")
    listed = scores[(scores["model"] == spec.evaluate.main) & (scores["rank"] <= spec.review.capacity)]
    assert set(reasons["row_id"]) <= set(listed["row_id"])


def test_places_on_the_last_list_have_a_page_each_in_both_languages(done):
    """As many as the list has places, under names that only the key explains; the key is no part of the folder."""
    spec, run = done
    key = pd.read_csv(run.folder / KEY_FILE)
    scores = pd.read_parquet(run.folder / "scores.parquet")
    own = scores[scores["model"] == spec.evaluate.main]
    last = own[(own["as_of"] == own["as_of"].max()) & (own["rank"] <= spec.review.capacity)]
    assert set(key["row_id"]) == set(last["row_id"])
    files = {path.name for path in (run.folder / FOLDER).iterdir()}
    pages = {f"{name}.{language}.html" for name in (*key["place"], "index") for language in ("nl", "en")}
    assert files == {*pages, "places.parquet"}
    words = "".join((run.folder / FOLDER / name).read_text("utf-8") for name in pages)
    assert not [unit for unit in last["unit_id"] if unit in words]


def test_no_model_sees_a_figure_of_an_area(done):
    """The distance to the motorway is the neighbourhood's: it stays in the panel, no fit has it as a column, and the card says so."""
    _, run = done
    name = "area_road_distance_latest"
    assert name in run.result.panel.rows
    assert not [fitted.name for fitted in run.result.fitted if name in fitted.columns]
    assert not [model for model, told in run.result.attributions.items() if name in told.values]
    assert name not in set(pd.read_parquet(run.folder / REASONS_FILE)["feature"])
    card = re.sub(r"<[^>]+>", "", (run.folder / "card.en.html").read_text("utf-8"))
    assert "No model sees these figures of areas: Latest figure: distance to the motorway." in card


def test_what_single_places_are_told_is_never_recorded(done):
    """MLflow has the card, and neither the pages, nor their key, nor the reasons of each place."""
    from mlflow.tracking import MlflowClient

    spec, _ = done
    client = MlflowClient(f"sqlite:///{spec.output}/mlflow.db")
    found = client.search_runs([client.get_experiment_by_name("marina").experiment_id])
    kept = {file.path for one in found for file in client.list_artifacts(one.info.run_id)}
    assert "card.nl.html" in kept
    assert not kept & LOCAL_ONLY
    everything = [path.name for path in Path(spec.output, "mlartifacts").rglob("*")]
    assert not [name for name in everything if name in LOCAL_ONLY or name == "places.parquet"]


def test_a_study_may_have_pages_for_all_lists_or_none(done):
    """`none` writes none, and neither does a source that does not allow that single places are scored."""
    spec, run = done
    dataset = read_dataset(Path(spec.data.path))
    none = spec.model_copy(update={"explain": spec.explain.model_copy(update={"place_pages": "none"})})
    assert has_place_pages(spec, dataset, run.result)
    assert not has_place_pages(none, dataset, run.result)
    tables = {
        name: info.model_copy(update={"entity_scoring_allowed": False})
        for name, info in dataset.description.tables.items()
    }
    forbidden = replace(dataset, description=dataset.description.model_copy(update={"tables": tables}))
    assert not has_place_pages(spec, forbidden, run.result)


def test_ranks_count_from_one_within_a_date(done):
    """The highest score of a date has rank 1."""
    scores = pd.read_parquet(done[1].folder / "scores.parquet")
    best = scores[scores["rank"] == 1].set_index(["model", "as_of"])["score"]
    assert (best == scores.groupby(["model", "as_of"])["score"].max().reindex(best.index)).all()


def test_stored_models_give_the_scores_of_the_run(done):
    """A model that is read back scores its test rows as before."""
    _, run = done
    for fitted in run.result.fitted:
        stored = load_model(run.folder / "models" / fitted.name / fitted.fold.name)
        assert scores_of(stored, fitted.test_table(run.result.panel)) == pytest.approx(fitted.scores, abs=1e-12)


def test_no_pickle_is_written(done):
    """Nothing in a run folder needs to be unpickled."""
    names = [path.name for path in done[1].folder.rglob("*") if path.is_file()]
    assert not [name for name in names if re.search(r"\.(pkl|pickle|joblib|npy)$", name)]


def test_every_estimate_has_a_number_or_a_reason(done):
    """Read back from the file, each with a method and n."""
    estimates = read_estimates((done[1].folder / "evaluation.json").read_text())
    assert len({estimate.id for estimate in estimates}) == len(estimates)
    assert all(estimate.is_known or estimate.note for estimate in estimates)


def test_the_headline_names_models_card_and_pages(done):
    """Precision per model with interval and bounds, where the card lies, how to open MLflow."""
    spec, run = done
    for model in spec.models:
        assert re.search(rf"^  {model} +(\d\.\d+ \(\d\.\d+ to \d\.\d+\)|not known)", run.headline, re.M)
    assert str(run.folder / "card.nl.html") in run.headline
    assert "mlflow ui --backend-store-uri sqlite:///" in run.headline


def test_mlflow_keeps_the_study_and_its_models(done):
    """A parent with the card, a child per model with numbers and fitted models."""
    from mlflow.tracking import MlflowClient

    spec, _ = done
    client = MlflowClient(f"sqlite:///{spec.output}/mlflow.db")
    runs = client.search_runs([client.get_experiment_by_name("marina").experiment_id])
    parents = [r for r in runs if "mlflow.parentRunId" not in r.data.tags]
    assert len(parents) == 1
    assert len(runs) == 1 + len(spec.models)
    assert {"card.nl.html", "evaluation.json", "spec.yaml"} <= {
        f.path for f in client.list_artifacts(parents[0].info.run_id)
    }
    trees = next(r for r in runs if r.data.tags.get("model") == "lightgbm")
    assert trees.data.params["num_leaves"] == "7"
    assert any(key.startswith("precision_at_capacity/labelled/all/capacity_20") for key in trees.data.metrics)
    assert "models" not in {f.path for f in client.list_artifacts(parents[0].info.run_id)}


def test_a_card_is_written_again_from_its_own_json(done, tmp_path, capsys):
    """`tegenkracht card` needs nothing but card.json, and gives the same page."""
    _, run = done
    assert main(["card", str(run.folder), "--lang", "en", "--output", str(tmp_path / "again")]) == 0
    assert (tmp_path / "again" / "card.en.html").read_bytes() == (run.folder / "card.en.html").read_bytes()
    assert capsys.readouterr().out.strip().endswith("card.en.html")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there is no card here. Name the folder of a run, or its card.json."),
        ("{}", "this is not a card of version 1"),
        ("\x00", "this is not a card of version 1"),
    ],
)
def test_what_is_not_a_card_is_refused(content, message, tmp_path, capsys):
    """Exit code 2, and what to name instead."""
    if content is not None:
        (tmp_path / "card.json").write_text(content)
    assert main(["card", str(tmp_path)]) == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.glob("*.html"))


def test_a_list_gives_its_length_times_its_precision_in_every_way_of_counting(done):
    """Findings of one list stand beside precision, with the same n, interval and reasons."""
    spec, run = done
    book = {e.id: e for e in read_estimates((run.folder / "evaluation.json").read_text())}
    at = f"capacity={spec.review.capacity}"
    for method in ("labelled", "weighted", "audit", "adjusted", "doubly_robust", "bounds"):
        share, findings = (
            book[f"lightgbm/{metric}//{at}/all/{method}"] for metric in ("precision_at_capacity", "yield_at_capacity")
        )
        assert (findings.n, findings.note) == (share.n, share.note)
        for mine, of in zip(
            (findings.value, findings.low, findings.high), (share.value, share.low, share.high), strict=True
        ):
            assert mine == (None if of is None else pytest.approx(of * spec.review.capacity))


def test_own_tables_and_a_copied_study_need_no_python(done, tmp_path, monkeypatch, capsys):
    """A folder of tables, a copied experiment file in one's own conf/, one command, a card."""
    spec, _ = done
    shutil.copytree(spec.data.path, tmp_path / "my_tables")
    own = tmp_path / "conf" / "experiment"
    own.mkdir(parents=True)
    from tegenkracht.data.conf import conf_folder

    text = (conf_folder() / "experiment" / "marina.yaml").read_text()
    text = text.replace("name: marina", "name: our_harbours").replace("data/marina", "my_tables")
    (own / "our_harbours.yaml").write_text("".join(line for line in text.splitlines(True) if "  world: {" not in line))
    monkeypatch.chdir(tmp_path)
    assert (
        main(
            [
                "run",
                "experiment=our_harbours",
                "evaluate.replicates=100",
                "review.capacity=20",
                "tracking=off",
                *NO_REFITS,
            ]
        )
        == 0
    )
    cards = list((tmp_path / "outputs" / "our_harbours").glob("*/card.nl.html"))
    assert len(cards) == 1
    assert "our_harbours: share of the list" in capsys.readouterr().out


def test_a_multirun_runs_every_combination(done, tmp_path, monkeypatch, capsys):
    """Two seeds, two folders, one process."""
    spec, _ = done
    monkeypatch.chdir(tmp_path)
    small = [*SMALL, *NO_REFITS, f"data.path={spec.data.path}", "tracking=off"]
    small += ["audit.attributes=[]", "~model@models.who_inspects"]
    assert main(["run", "-m", *small, "seed=1,2"]) == 0
    runs = list((tmp_path / "outputs" / "marina").glob("*/run.json"))
    assert {json.loads(path.read_text())["seed"] for path in runs} == {1, 2}


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("seed=1,x", "seed: Input should be a valid integer"),
        ("hydra/launcher=joblib,basic", "settings of Hydra itself cannot be changed"),
        ("+hydra.callbacks.x._target_=os.system,print", "settings of Hydra itself cannot be changed"),
    ],
)
def test_a_multirun_with_a_faulty_job_does_not_start(override, message, tmp_path, monkeypatch, capsys):
    """Every job is checked before the first one runs."""
    monkeypatch.chdir(tmp_path)
    assert main(["run", "-m", "experiment=marina", override]) == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_study_that_names_a_hydra_callback_is_refused(tmp_path, monkeypatch):
    """A study from elsewhere may not make Hydra build things."""
    own = tmp_path / "conf" / "experiment"
    own.mkdir(parents=True)
    (own / "sly.yaml").write_text(
        "# @package _global_\ndefaults: [marina]\nhydra: {callbacks: {x: {_target_: os.system}}}\n"
    )
    monkeypatch.chdir(tmp_path)
    from tegenkracht.config import check_sweep

    with pytest.raises(InputError, match=r"hydra\.callbacks: callbacks run code that a file names\. Remove them\."):
        check_sweep(["experiment=sly", "seed=1,2"])


@pytest.fixture(scope="module")
def kept(done, tmp_path_factory):
    """A plain run that kept its panel and fits: how it was asked, its outputs folder, and the run."""
    folder = tmp_path_factory.mktemp("kept")
    at = [*SMALL, *NO_REFITS, f"data.path={done[0].data.path}", "tracking=off"]
    spec = compose_spec([*at, f"output={folder}"])
    return at, folder, run_study(spec, started=datetime(2026, 1, 1), progress=silent)


@pytest.fixture
def again(kept, tmp_path):
    """Run the study once more, with more overrides, in a copy of that outputs folder; where it is and the run."""
    at, folder, _ = kept
    output = tmp_path / "outputs"
    shutil.copytree(folder, output)

    def call(*more: str, day: int = 2, progress=silent):
        return run_study(
            compose_spec([*at, f"output={output}", *more]), started=datetime(2026, 1, day), progress=progress
        )

    return output, call


def test_a_second_run_recalls_panel_and_fits_and_gives_the_same_bytes(kept, again, tmp_path):
    """What is recalled is what was made: numbers, findings, scores, attributions and models; `--no-cache` gives them too."""
    call = again[1]
    runs = [kept[2], call(), call(f"output={tmp_path}/not", "cache=false")]
    assert not (tmp_path / "not" / ".cache").exists()
    for other in runs[1:]:
        for name in ("evaluation.json", "findings.json"):
            assert (other.folder / name).read_bytes() == (runs[0].folder / name).read_bytes(), name
        for name in ("scores.parquet", "attributions/lightgbm.parquet"):
            first, second = (pd.read_parquet(run.folder / name) for run in (runs[0], other))
            pd.testing.assert_frame_equal(first, second, check_exact=True)
    assert runs[1].seconds["fit and score"] < runs[0].seconds["fit and score"]


def test_a_label_with_the_same_name_and_another_meaning_never_reuses_a_result(kept, again):
    """The story of a label that was changed in place: severity 2 gives another panel and other numbers, in the same outputs folder."""
    first, call = kept[2], again[1]
    second = call("+label.min_severity=2")
    fresh = call("+label.min_severity=2", "cache=false", day=3)
    assert first.result.panel.identity != second.result.panel.identity
    numbers = [(run.folder / "evaluation.json").read_bytes() for run in (first, second, fresh)]
    assert numbers[0] != numbers[1]
    assert numbers[1] == numbers[2]


def test_a_damaged_panel_is_made_again_with_a_notice(kept, again):
    """One byte of a kept panel is turned: the run says so and gives the same numbers."""
    output, call = again
    rows = next((output / ".cache" / "panels").glob("*/rows.parquet"))
    content = bytearray(rows.read_bytes())
    content[len(content) // 2] ^= 1
    rows.write_bytes(content)
    told: list[str] = []
    mended = call(progress=lambda what, done, of: told.append(what))
    assert [line for line in told if "damaged" in line] == [
        f"cache: panels {rows.parent.name[:12]} was damaged and is made again"
    ]
    assert (kept[2].folder / "evaluation.json").read_bytes() == (mended.folder / "evaluation.json").read_bytes()
