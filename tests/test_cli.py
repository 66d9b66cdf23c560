"""The command line answers at once, says what went wrong, and ends with the right code."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tegenkracht.cli import _safe, main

HEAVY = ("mlflow", "shap", "lightgbm", "sklearn", "pandas", "numpy", "hydra", "pydantic", "rich")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["run"],
        ["data"],
        ["data", "check"],
        ["data", "make"],
        ["data", "import"],
        ["data", "map"],
        ["data", "rates"],
        ["card"],
        ["doctor"],
    ],
)
def test_every_help_has_an_example(arguments, capsys):
    """`--help` of every command shows one line that a reader can copy."""
    with pytest.raises(SystemExit, match=r"^0$"):
        main([*arguments, "--help"])
    assert "example:\n  tegenkracht " in capsys.readouterr().out


def test_help_imports_nothing_heavy():
    """What makes help slow is importing; none of the libraries is touched."""
    code = f"import sys; from tegenkracht.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\nprint([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["run", "-x"], ["data", "import", "mars", ".", "--to", "x"], ["card"]]
)
def test_a_wrong_command_ends_with_code_2(arguments, capsys):
    """Argparse says which word it did not know."""
    with pytest.raises(SystemExit, match=r"^2$"):
        main(arguments)
    assert "tegenkracht" in capsys.readouterr().err


def test_no_command_shows_help_and_ends_with_code_2(capsys):
    """Nothing asked is answered with what can be asked."""
    assert main([]) == 2
    assert "commands:" in capsys.readouterr().out


@pytest.mark.parametrize("module", ["tegenkracht", "tegenkracht.cli"])
def test_python_runs_either_module_as_the_command(module):
    """`python -m` is answered as `tegenkracht` is: help with code 2 where nothing is asked, never silence."""
    done = subprocess.run([sys.executable, "-m", module], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout.startswith("usage: tegenkracht ")


def test_control_characters_from_data_cannot_reach_the_terminal():
    """An escape sequence in a name is shown as a mark, not obeyed."""
    assert _safe("a\x1b[31mred\x07\nnext\tcell") == "a�[31mred�\nnext\tcell"


def test_doctor_knows_versions_and_studies(capsys):
    """Versions, studies and free space, one line each."""
    assert main(["doctor"]) == 0
    shown = capsys.readouterr().out
    assert "scikit-learn" in shown
    assert "chicago_food" in shown
