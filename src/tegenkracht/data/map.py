"""A map of a dataset as one HTML file: places by sector, areas and water where there is geometry, and inspections over time."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tegenkracht.core.errors import wrong
from tegenkracht.data.sources import Dataset
from tegenkracht.data.world.geometry import to_degrees

_COLOURS = ("#2f5d8a", "#b8862b", "#6b4c8f", "#5b6770", "#a3618f", "#7a7f2a")
_WIDTH = 1_000.0
_MOST = 250_000  # places that a browser still draws while a slider moves
_RINGS = {"municipalities.geojson": "towns", "neighbourhoods.geojson": "areas", "water.geojson": "water"}
Positions = np.ndarray[Any, np.dtype[np.float64]]


def draw_map(dataset: Dataset, folder: str | Path, to: Path) -> None:
    """Write one HTML file that needs no network: a canvas, a slider over quarters, and a table for who cannot see the map.

    Parameters
    ----------
    dataset
        The dataset; units without coordinates are counted and not drawn.
    folder
        Where it was read from; GeoJSON files beside the tables are drawn beneath the places.
    to
        The HTML file.

    Raises
    ------
    InputError
        When no unit has coordinates, their reference system is not known, there are too many, or the file cannot be written.
    """
    drawn = _drawn(dataset, Path(folder))
    page = _page(dataset, drawn)
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        aside = to.with_name(f".{to.name}.part")
        aside.write_text(page, encoding="utf-8")
        aside.replace(to)
    except OSError as error:
        raise wrong(str(to), f"the map cannot be written ({error.strerror}).", "Choose another file.") from None


def _drawn(dataset: Dataset, folder: Path) -> dict[str, Any]:
    """Everything that the script draws, as plain data."""
    units = dataset.tables["units"]
    placed = units[units["x"].notna() & units["y"].notna()].reset_index(drop=True)
    _require_drawable(dataset, placed)
    longitude, latitude = _degrees(dataset, placed)
    shapes = {name: _shapes(folder / file) for file, name in _RINGS.items()}
    frame = _Frame.around(longitude, latitude)
    x, y = frame.to_page(longitude, latitude)
    sectors = sorted(placed["sector"].unique())
    return {
        "width": _WIDTH,
        "height": round(frame.height, 1),
        "sectors": [
            {"name": name, "colour": _COLOURS[place % len(_COLOURS)], "n": int((placed["sector"] == name).sum())}
            for place, name in enumerate(sectors)
        ],
        "x": np.round(x, 1).tolist(),
        "y": np.round(y, 1).tolist(),
        "s": np.searchsorted(sectors, placed["sector"]).tolist(),
        **{name: [_on_page(frame, ring) for ring in rings] for name, rings in shapes.items()},
        **_visits(dataset, placed),
    }


def _require_drawable(dataset: Dataset, placed: pd.DataFrame) -> None:
    if placed.empty:
        raise wrong("units", "no unit has coordinates, so there is nothing to draw.", "Fill in x and y.")
    if len(placed) > _MOST:
        what = f"{len(placed):,} places are more than a browser can draw ({_MOST:,})."
        raise wrong("units", what, "Draw a part of the dataset.")
    if dataset.description.crs not in ("EPSG:28992", "EPSG:4326"):
        what = f"the reference system {dataset.description.crs} is not known here."
        raise wrong("dataset.yaml, crs", what, "Use EPSG:28992 or EPSG:4326 for a map.")


def _degrees(dataset: Dataset, units: pd.DataFrame) -> tuple[Positions, Positions]:
    x, y = units["x"].to_numpy(dtype=np.float64), units["y"].to_numpy(dtype=np.float64)
    return (x, y) if dataset.description.crs == "EPSG:4326" else to_degrees(x, y)


@dataclass(frozen=True)
class _Frame:
    """From degrees to the page: one scale in both directions at the middle latitude, north up."""

    west: float
    north: float
    narrow: float
    scale: float
    height: float

    @classmethod
    def around(cls, longitude: Positions, latitude: Positions) -> _Frame:
        west, east = float(longitude.min()), float(longitude.max())
        south, north = float(latitude.min()), float(latitude.max())
        narrow = float(np.cos(np.radians((south + north) / 2)))
        margin = 0.03 * max((east - west) * narrow, north - south, 1e-3)
        scale = _WIDTH / ((east - west) * narrow + 2 * margin)
        return cls(west - margin / narrow, north + margin, narrow, scale, (north - south + 2 * margin) * scale)

    def to_page(self, longitude: Positions, latitude: Positions) -> tuple[Positions, Positions]:
        return (longitude - self.west) * self.narrow * self.scale, (self.north - latitude) * self.scale


def _shapes(path: Path) -> list[list[list[float]]]:
    """The outer rings and lines of a GeoJSON file; none when it is not there or not GeoJSON."""
    if not path.is_file():
        return []
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        return [_corners(feature["geometry"]) for feature in features]
    except (ValueError, KeyError, TypeError, IndexError):
        raise wrong(
            path.name, "this is not GeoJSON with polygons or lines.", "Remove it, or make the world again."
        ) from None


def _corners(geometry: Mapping[str, Any]) -> list[list[float]]:
    ring = geometry["coordinates"][0] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return [[float(x), float(y)] for x, y in ring]


def _on_page(frame: _Frame, ring: Sequence[Sequence[float]]) -> list[float]:
    """One shape as x, y, x, y …"""
    corners = np.array(ring, dtype=np.float64).reshape(-1, 2)
    points: list[float] = np.round(np.column_stack(frame.to_page(corners[:, 0], corners[:, 1])).ravel(), 1).tolist()
    return points


def _visits(dataset: Dataset, placed: pd.DataFrame) -> dict[str, Any]:
    """By quarter the places that were visited, and whether something was found."""
    visits = dataset.tables["inspections"]
    position = pd.Series(np.arange(len(placed)), index=placed["unit_id"])
    visits = visits.assign(
        place=position.reindex(visits["unit_id"]).to_numpy(), quarter=visits["inspected_on"].dt.to_period("Q")
    )
    visits = visits.dropna(subset=["place"])
    quarters = sorted(visits["quarter"].unique())
    number = {quarter: place for place, quarter in enumerate(quarters)}
    order = visits.assign(number=visits["quarter"].map(number)).sort_values(["number", "place"], kind="stable")
    starts = np.searchsorted(order["number"], np.arange(len(quarters) + 1)).tolist()
    return {
        "quarters": [f"{quarter.year} Q{quarter.quarter}" for quarter in quarters],
        "starts": starts,
        "visited": order["place"].astype(int).tolist(),
        "found": order["finding"].astype(int).tolist(),
    }


def _page(dataset: Dataset, drawn: dict[str, Any]) -> str:
    """The page; whatever comes from a table is escaped, also inside the script."""
    title = html.escape(dataset.description.title.en)
    made_up = (
        "<p class=made-up>This world was made by a computer. No real place is in it.</p>"
        if dataset.description.synthetic
        else ""
    )
    data = (
        json.dumps(drawn, separators=(",", ":")).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    )
    legend = "".join(
        f'<label><input type=checkbox checked data-sector="{place}"><span class=dot style="background:{sector["colour"]}"></span>'
        f"{html.escape(sector['name'].replace('_', ' '))} <small>{sector['n']:,}</small></label>"
        for place, sector in enumerate(drawn["sectors"])
    )
    missing = len(dataset.tables["units"]) - len(drawn["x"])
    left_out = f"<p>{missing:,} units have no coordinates and are not drawn.</p>" if missing else ""
    parts = {"TITLE": title, "MADE_UP": made_up, "LEGEND": legend, "LEFT_OUT": left_out, "TABLE": _table(drawn)}
    page = _TEMPLATE
    for name, text in parts.items():
        page = page.replace(f"@@{name}@@", text)
    return page.replace("@@DATA@@", data)


def _table(drawn: Mapping[str, Any]) -> str:
    """Visits and findings by quarter, for who cannot see the map."""
    found = np.array(drawn["found"])
    rows = "".join(
        f"<tr><th scope=row>{quarter}</th><td>{end - start:,}</td><td>{int(found[start:end].sum()):,}</td></tr>"
        for quarter, start, end in zip(drawn["quarters"], drawn["starts"][:-1], drawn["starts"][1:], strict=True)
    )
    return f"<table><thead><tr><th scope=col>quarter</th><th scope=col>inspections</th><th scope=col>with a finding</th></tr></thead><tbody>{rows}</tbody></table>"


_TEMPLATE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>@@TITLE@@</title>
<style>
:root{color-scheme:light;--ink:#1c2126;--quiet:#5b6770;--line:#d9d6cf;--paper:#fbfaf7}
body{margin:0 auto;max-width:64rem;padding:1.5rem 1rem 3rem;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;font-weight:600;margin:0 0 .25rem}.made-up{border-left:4px solid #b8862b;padding:.25rem .75rem;margin:.5rem 0 1rem}
canvas{display:block;width:100%;height:auto;background:#fff;border:1px solid var(--line);border-radius:4px;touch-action:none;cursor:grab}
fieldset{border:0;padding:0;margin:.75rem 0;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem}legend{padding:0;color:var(--quiet);font-size:.875rem}
.dot{display:inline-block;width:.7rem;height:.7rem;border-radius:50%;margin:0 .35rem}.ring{background:none!important;border:2px solid #8f4e00}
label small{color:var(--quiet)}.time{display:flex;gap:1rem;align-items:center;flex-wrap:wrap}.time input{flex:1 1 16rem}output{min-width:16rem}
button{font:inherit;padding:.25rem .75rem;border:1px solid var(--line);border-radius:4px;background:#fff;color:inherit}
table{border-collapse:collapse;font-size:.875rem}th,td{text-align:right;padding:.125rem .75rem;border-bottom:1px solid var(--line)}
:focus-visible{outline:3px solid #2f5d8a;outline-offset:2px}
</style></head><body>
<h1>@@TITLE@@</h1>@@MADE_UP@@
<canvas id="map" role="img" aria-label="Map of the places by sector; the places inspected in the chosen quarter have a ring"></canvas>
<fieldset><legend>Sectors</legend>@@LEGEND@@</fieldset>
<div class="time"><button id="play" type="button">Play</button><label for="when">Inspections in</label>
<input id="when" type="range" min="0" value="0"><output id="said" aria-live="polite"></output><button id="whole" type="button">Whole map</button></div>
<p><span class="dot" style="background:#1c2126"></span>inspected, nothing found <span class="dot ring"></span>inspected, with a finding.
Where nobody went nothing is known. Drag to move, scroll to zoom.</p>@@LEFT_OUT@@
<details><summary>Inspections by quarter as a table</summary>@@TABLE@@</details>
<script>
"use strict";
const d=@@DATA@@;
const c=document.getElementById("map"),g=c.getContext("2d"),when=document.getElementById("when"),said=document.getElementById("said");
const dpr=Math.min(window.devicePixelRatio||1,2);c.width=d.width*dpr;c.height=d.height*dpr;
let k=1,ox=0,oy=0,timer=null;const on=d.sectors.map(()=>true);
when.max=Math.max(d.quarters.length-1,0);when.disabled=!d.quarters.length;
function line(p){g.moveTo(p[0],p[1]);for(let i=2;i<p.length;i+=2)g.lineTo(p[i],p[i+1]);}
function draw(){
 g.setTransform(dpr,0,0,dpr,0,0);g.clearRect(0,0,d.width,d.height);g.translate(ox,oy);g.scale(k,k);
 for(const [shapes,colour,wide] of [[k>2||d.areas.length<2000?d.areas:[],"#ece9e2",.5],[d.towns,"#cfcabf",.9],[d.water,"#9dbcd4",2]]){
  g.beginPath();shapes.forEach(line);g.strokeStyle=colour;g.lineWidth=wide/Math.sqrt(k);g.stroke();}
 const r=(d.x.length>50000?1:d.x.length>5000?2:3)/Math.sqrt(k);
 d.sectors.forEach((s,j)=>{if(!on[j])return;g.fillStyle=s.colour;g.globalAlpha=.55;g.beginPath();
  for(let i=0;i<d.x.length;i++)if(d.s[i]===j){g.rect(d.x[i]-r/2,d.y[i]-r/2,r,r);}g.fill();});
 g.globalAlpha=1;const q=+when.value;let n=0,f=0;
 if(d.quarters.length)for(let v=d.starts[q];v<d.starts[q+1];v++){const i=d.visited[v];if(!on[d.s[i]])continue;n++;
  g.beginPath();g.arc(d.x[i],d.y[i],(d.found[v]?3.4:1.8)/Math.sqrt(k),0,6.3);
  if(d.found[v]){f++;g.strokeStyle="#8f4e00";g.lineWidth=1.6/Math.sqrt(k);g.stroke();}else{g.fillStyle="#1c2126";g.fill();}}
 said.textContent=d.quarters.length?d.quarters[q]+": "+n.toLocaleString("en")+" inspections, "+f.toLocaleString("en")+" with a finding":"No inspections";
}
function zoom(factor,x,y){const next=Math.min(Math.max(k*factor,1),80);ox=x-(x-ox)*next/k;oy=y-(y-oy)*next/k;k=next;if(k===1){ox=0;oy=0;}draw();}
function at(e){const b=c.getBoundingClientRect();return[(e.clientX-b.left)*d.width/b.width,(e.clientY-b.top)*d.height/b.height];}
c.addEventListener("wheel",e=>{e.preventDefault();zoom(e.deltaY<0?1.25:.8,...at(e));},{passive:false});
let last=null;c.addEventListener("pointerdown",e=>{last=at(e);c.setPointerCapture(e.pointerId);});
c.addEventListener("pointermove",e=>{if(!last)return;const p=at(e);ox+=p[0]-last[0];oy+=p[1]-last[1];last=p;draw();});
c.addEventListener("pointerup",()=>{last=null;});
document.getElementById("whole").addEventListener("click",()=>{k=1;ox=0;oy=0;draw();});
document.querySelectorAll("[data-sector]").forEach(b=>b.addEventListener("change",()=>{on[+b.dataset.sector]=b.checked;draw();}));
when.addEventListener("input",draw);
document.getElementById("play").addEventListener("click",e=>{
 if(timer){clearInterval(timer);timer=null;e.target.textContent="Play";return;}
 e.target.textContent="Stop";timer=setInterval(()=>{when.value=(+when.value+1)%Math.max(d.quarters.length,1);draw();},500);});
draw();
</script></body></html>
"""
