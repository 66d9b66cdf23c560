"""Every study that is shipped can be loaded, and the door refuses what it should."""

from __future__ import annotations

import pytest

from tegenkracht.config import compose_plain, compose_spec, experiments, load_spec
from tegenkracht.core.errors import InputError


@pytest.fixture(scope="module", params=experiments())
def shipped(request):
    """The name of each study that is shipped, and its specification."""
    return request.param, compose_spec([f"experiment={request.param}"])


def test_every_shipped_study_loads(shipped):
    """Its name is its file's name, and its card's model is one of its models."""
    name, spec = shipped
    assert spec.name == name
    assert spec.evaluate.main in spec.models


def test_a_specification_can_be_written_and_read_back(shipped):
    """`spec.yaml` holds everything: reading it gives the same specification."""
    _, spec = shipped
    assert type(spec).model_validate(spec.as_plain()) == spec


def test_a_specification_cannot_be_changed():
    """Frozen: what was checked is what runs."""
    spec = compose_spec(["experiment=chicago_food"])
    with pytest.raises(ValueError, match="frozen"):
        spec.seed = 1


def test_an_override_changes_what_it_names_and_nothing_else():
    """One key differs between the two specifications."""
    plain, changed = (
        compose_spec(["experiment=chicago_food", *more]).as_plain() for more in ([], ["review.capacity=10"])
    )
    assert changed.pop("review")["capacity"] == 10
    plain.pop("review")
    assert plain == changed


def test_where_files_go_does_not_decide_a_result():
    """Output folder, tracking and threads are not part of what decides."""
    plain, moved = (
        compose_spec(["experiment=chicago_food", *more]).what_decides()
        for more in ([], ["output=elsewhere", "tracking=off", "resources.threads=2"])
    )
    assert plain == moved


def test_all_errors_of_a_specification_come_at_once():
    """Three different mistakes, three lines, before any data are read."""
    plain = compose_plain(["experiment=chicago_food"])
    plain["time"]["horizon"] = "12 moons"
    plain["colour"] = "red"
    plain["models"]["with_inspector"]["estimator"]["_target_"] = "joblib.load"
    with pytest.raises(InputError, match=r"`joblib\.load` is not a model of tegenkracht") as refused:
        load_spec(plain)
    lines = str(refused.value).splitlines()
    assert (
        "conf/experiment/chicago_food.yaml, models.with_inspector.estimator._target_: `joblib.load` is not a model of tegenkracht."
        in lines[0]
    )
    assert any("time.horizon: `12 moons` is not a span of time" in line for line in lines)
    assert any("colour: this key is not known." in line for line in lines)


def test_a_model_swapped_on_the_command_line_leaves_no_orphans_behind_silently():
    """LightGBM's own keys under a logistic model are refused by name."""
    with pytest.raises(
        InputError,
        match=r"models\.lightgbm\.estimator\.num_leaves: `num_leaves` is not a parameter of tegenkracht\.models\.logistic\.",
    ):
        compose_spec(["experiment=amsterdam_childcare", "model@models.lightgbm=logistic"])


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            ["experiment=shoping_strip"],
            r"experiment=shoping_strip: there is no file conf/experiment/shoping_strip\.yaml\. Did you mean `shopping_strip`\?",
        ),
        ([], r"experiment: no study was named\. Write experiment=<one of: amsterdam_childcare, chicago_food"),
        (
            ["experiment=chicago_food", "reviw.capacity=3"],
            r"reviw\.capacity: this key is not known\. Did you mean `review\.capacity`\?",
        ),
        (
            ["experiment=chicago_food", "tracking=servr"],
            r"tracking=servr: there is no file conf/tracking/servr\.yaml\. Did you mean `server`\?",
        ),
        (
            ["experiment=chicago_food", "hydra.job.name=x"],
            r"hydra\.job\.name=x: settings of Hydra itself cannot be changed\.",
        ),
        (["experiment=chicago_food", "card.version=${oc.env:HOME}"], r"configuration: .*oc\.env"),
        (["experiment=chicago_food", "evaluate.main=lgbm"], r"evaluate\.main: `lgbm` is not one of the models\."),
        (
            ["experiment=chicago_food", "tracking=server"],
            r"chicago_food\.yaml, tracking\.uri: this key is missing\. Fill it in\.",
        ),
        (
            ["experiment=chicago_food", "review.capacity=0"],
            r"review\.capacity: Input should be greater than or equal to 1 \(found `0`\)\.",
        ),
        (
            ["experiment=chicago_food", "purpose.unit=person"],
            r"purpose\.unit: Input should be 'place', 'business', 'area' or 'public_body' \(found `person`\)\.",
        ),
    ],
)
def test_the_door_names_key_and_way_out(overrides, message):
    """Wrong input ends with code 2 and a sentence, never with a stack trace."""
    with pytest.raises(InputError, match=message) as refused:
        compose_spec(overrides)
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"intersections": [["deprivation", "deprivation"]]}, "an intersection of `deprivation` with itself"),
        ({"intersections": [["deprivation", "colour"]]}, "`colour` is not among `audit.attributes`"),
        ({"limits": [{"metric": "selection_rate", "attribute": "wealth", "at_most": 1}]}, "`wealth` is not among"),
        ({"limits": [{"metric": "auc", "attribute": "group", "at_most": 1}]}, "Input should be 'inspected_share'"),
        ({"intersections": [["deprivation", "group"], ["group", "deprivation"]]}, "stands there twice; keep one"),
        ({"smallest_gap_that_matters": 0}, "Input should be greater than 0"),
    ],
    ids=[
        "with itself",
        "unknown crossing",
        "unknown limit",
        "unknown figure",
        "twice",
        "nothing matters",
    ],
)
def test_an_audit_that_cannot_be_done_is_refused(changed, message):
    """Crossings and limits name attributes of the study, once, and figures that have gaps."""
    plain = compose_plain(["experiment=shopping_strip"])
    plain["audit"] |= changed
    with pytest.raises(InputError, match=message):
        load_spec(plain)


def test_answers_are_about_families_of_the_recipes():
    """An answer about something that is no indicator is refused with what there is."""
    plain = compose_plain(["experiment=shopping_strip"])
    plain["features"]["answers"]["takeover"] = {"allowed": {"nl": "mag", "en": "may"}}
    message = r"`answers\.takeover` is about no family of these recipes; take one of: .*takeover_chain"
    with pytest.raises(InputError, match=message):
        load_spec(plain)


@pytest.mark.parametrize("name", ["logistic,l2", "C=1", "trees/deep"])
def test_the_name_of_a_model_can_stand_in_the_name_of_a_number(name):
    """A difference is at `versus=name`, and its id has slashes between its parts."""
    plain = compose_plain(["experiment=shopping_strip"])
    plain["models"][name] = plain["models"]["logistic"]
    with pytest.raises(
        InputError,
        match=rf"models\.{name}: `{name}` has a comma, an equals sign or a slash in it; .* Write another name",
    ):
        load_spec(plain)
