"""What a browser makes of it: no sideways scrolling on a phone, and page one on one sheet of A4."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tegenkracht.reporting.render import render_html
from tegenkracht.reporting.tree import Card

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: the page was not looked at in a browser"),
]
PHONE = 390


def browse(*arguments: str) -> str:
    """What chromium prints, without a window and without the network."""
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=2000", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


def test_a_phone_never_scrolls_sideways(card: Card, tmp_path: Path) -> None:
    """At 390 px the document is no wider than the screen, also with every table open."""
    page = render_html(card, "nl").replace("<details>", "<details open>")
    (tmp_path / "card.html").write_text(page, encoding="utf-8")
    frame = f'<iframe id="f" src="card.html" style="width:{PHONE}px;height:900px;border:0"></iframe>'
    script = (
        "<script>onload=()=>{const d=document.getElementById('f').contentDocument.documentElement;"
        "document.title=d.scrollWidth+' '+d.clientWidth}</script>"
    )
    (tmp_path / "frame.html").write_text(f"<!doctype html><title>?</title>{frame}{script}", encoding="utf-8")
    dom = browse("--allow-file-access-from-files", "--dump-dom", (tmp_path / "frame.html").as_uri())
    scroll, client = re.search(r"<title>(\d+) (\d+)</title>", dom).groups()
    assert int(scroll) <= int(client) <= PHONE


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext (poppler-utils): the print was not read")
def test_the_first_page_is_one_sheet(card: Card, tmp_path: Path) -> None:
    """Signatures stand at the foot of sheet one, the first section on sheet two, and sheet one says what it is."""
    (tmp_path / "card.html").write_text(render_html(card, "nl"), encoding="utf-8")
    browse("--no-pdf-header-footer", f"--print-to-pdf={tmp_path / 'card.pdf'}", (tmp_path / "card.html").as_uri())
    read = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "card.pdf"), "-"], capture_output=True, text=True, check=True
    )
    sheets = read.stdout.split("\f")
    assert "Methode (extern)" in sheets[0]
    assert "niet getekend" in sheets[0]
    assert "Doel en grenzen" not in sheets[0]
    assert "Doel en grenzen" in sheets[1]
