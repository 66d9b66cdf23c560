"""What was declared rather than measured, by name: the only other source of what a card shows."""

from __future__ import annotations

from collections.abc import Iterable

from tegenkracht.core.conditions import at_of, value_of
from tegenkracht.core.finding import THEMES, Finding
from tegenkracht.core.justification import ASKED
from tegenkracht.core.suitability import QUESTIONS
from tegenkracht.core.text import LANGUAGES, Text
from tegenkracht.evaluation.area_correlation import METRIC as CORRELATION
from tegenkracht.evaluation.crossings import SECTOR
from tegenkracht.reporting.facts import Known, RunFacts
from tegenkracht.reporting.sections.audit import audit_facts, reference_group
from tegenkracht.reporting.sections.dictionary import sources_of
from tegenkracht.reporting.sections.explanation import family_of
from tegenkracht.reporting.sections.findings import CONDITIONS
from tegenkracht.reporting.sections.first_page import ROLES
from tegenkracht.reporting.sections.origins import origins_facts
from tegenkracht.reporting.sections.places import places_facts
from tegenkracht.reporting.sections.the_list import capacities
from tegenkracht.reporting.sections.tips import assumptions, gammas
from tegenkracht.reporting.units import unit_for, unit_of_one
from tegenkracht.reporting.wording import FactValue
from tegenkracht.reporting.words.catalogue import sentence

SHORT = 12
"""Characters of a digest that are shown."""

Declared = dict[str, FactValue]


def declared_facts(facts: RunFacts) -> Declared:
    """Every fact that a sentence of the card may use."""
    return {
        "hundred": 100,
        "fifty": 50,
        "roles.count": len(ROLES),
        **_card(facts),
        **_purpose(facts),
        **_dataset(facts),
        **_models(facts),
        **_features(facts),
        **_sides(facts),
        **_dates(facts),
        **_supposed(facts),
        **_criteria(facts),
        **_decision(facts),
        **_tips(facts),
        **_inspections(facts),
        **_groups(facts),
        **_accounted(facts),
        **audit_facts(facts, Known(facts.estimates)),
        **origins_facts(facts, Known(facts.estimates)),
        **places_facts(),
        **_folds(facts),
        **_scorecard(facts),
        **_learned(facts),
        **_findings(facts.findings),
        **_limits_of_rules(facts),
        **_identity(facts),
    }


def _card(facts: RunFacts) -> Declared:
    return {
        "card.study": facts.study,
        "card.version": facts.card_version,
        "card.run_id": facts.run_id,
        "card.created_on": facts.created_on.isoformat(),
        "capacity": facts.capacity,
        **{f"capacity.{k}": k for k in (*capacities(Known(facts.estimates), facts), facts.capacity)},
        "reviewer": facts.reviewer,
        **({"author": facts.author} if facts.author else {}),
        **({"contact": facts.contact} if facts.contact else {}),
    }


def _purpose(facts: RunFacts) -> Declared:
    purpose = facts.purpose
    names = (
        "title",
        "question",
        "unit_name",
        "outcome",
        "reading_guide",
        "deployer",
        "deployer_function",
        "legal_ground",
    )
    texts: Declared = {f"purpose.{name}": text for name in names if (text := getattr(purpose, name)) is not None}
    for name in ("intended_use", "out_of_scope"):
        texts |= {f"purpose.{name}.{i}": text for i, text in enumerate(getattr(purpose, name))}
    return texts


def _dataset(facts: RunFacts) -> Declared:
    dataset = facts.dataset
    out: Declared = {
        "dataset.name": dataset.name,
        "dataset.title": dataset.title,
        "dataset.known_until": dataset.known_until.isoformat(),
    }
    if dataset.note is not None:
        out["dataset.note"] = dataset.note
    for table in dataset.tables:
        out |= {
            f"table.{table.name}.name": table.name,
            f"table.{table.name}.source": table.source,
            f"table.{table.name}.collector": table.collector,
            f"table.{table.name}.from": table.period[0].isoformat(),
            f"table.{table.name}.until": table.period[1].isoformat(),
            f"table.{table.name}.licence": table.licence,
            f"table.{table.name}.original_purpose": table.original_purpose,
            f"table.{table.name}.permitted_use": ", ".join(table.permitted_use),
            f"table.{table.name}.rows": table.rows,
            f"table.{table.name}.digest": table.digest[:SHORT],
        }
    return out


def _models(facts: RunFacts) -> Declared:
    out: Declared = {}
    for name, model in facts.models.items():
        out |= {f"model.{name}.label": model.label, f"model.{name}.description": model.description}
    return out


def _features(facts: RunFacts) -> Declared:
    out: Declared = {"features.count": len(facts.features) - len(facts.kept_out)}
    for feature in facts.features:
        key = f"feature.{feature.name}"
        out |= {f"{key}.label": feature.label, f"{key}.definition": feature.definition}
        out |= {f"{key}.source.{i}": source for i, source in enumerate(sources_of(feature))}
        out[f"family.{family_of(feature)}"] = facts.families.get(feature.family, feature.family or feature.name)
    return out


def _scorecard(facts: RunFacts) -> Declared:
    """The lines of a scorecard, and its bands of totals."""
    if facts.scorecard is None:
        return {}
    out: Declared = {"points.count": len(facts.scorecard.lines)}
    for i, line in enumerate(facts.scorecard.lines):
        unit = unit_of_one(facts.measures.get(line.feature), line.limit)
        out |= {f"points.{i}.limit": unit.of(line.limit), f"points.{i}.points": line.points}
    for low, high in facts.scorecard.bands:
        out |= {f"points.total.{low}": low, f"points.total.{high}": high}
    return out


def _learned(facts: RunFacts) -> Declared:
    """Values at which curves are measured, how many columns are hidden, and how many first families are compared."""
    out: Declared = {}
    curves = [e for e in facts.estimates if e.metric == "ale" and e.model == facts.main]
    for name in dict.fromkeys(at_of(e, "feature") for e in curves):
        values = [at_of(e, "value") for e in curves if at_of(e, "feature") == name]
        unit = unit_for(facts.measures.get(name), [float(value) for value in values])
        out |= {f"value.{name}.{value}": unit.of(float(value)) for value in values}
    for estimate in facts.estimates:
        if first := at_of(estimate, "first"):
            out[f"first.{first}"] = int(first)
        if estimate.metric == "recall_when_hiding":
            hidden = at_of(estimate, "hidden")
            out[f"hidden.{hidden}"] = int(hidden)
    hiding = (facts.spec.get("explain", {}).get("missed") or {}).get("hiding")
    return out if hiding is None else out | {"hiding": round(100 * hiding)}


def _criteria(facts: RunFacts) -> Declared:
    """What was promised, and when."""
    if not facts.criteria or facts.frozen is None:
        return {}
    out: Declared = {
        "criteria.count": len(facts.criteria),
        "criteria.met": sum(verdict == "met" for verdict in facts.verdicts.values()),
        "criteria.frozen_on": facts.frozen.frozen_on,
        "criteria.digest": facts.frozen.digest[:SHORT],
        "criteria.look": facts.frozen.look,
    }
    for criterion in facts.criteria:
        out |= {
            f"criterion.{criterion.name}.label": criterion.label,
            f"criterion.{criterion.name}.limit": criterion.limit,
        }
    return out


def _decision(facts: RunFacts) -> Declared:
    """What people declared about costs, the next round and a single place; and the first days of lists."""
    starts = (at_of(e, "from") for e in facts.estimates if e.metric == "list_kept")
    out: Declared = {f"list.{day}": day for day in starts if day}
    out |= {"thousand": 1000}
    if facts.costs is not None:
        out |= {"costs.unit": facts.costs.unit, "costs.why": facts.costs.why}
        out |= {f"costs.{name}": _whole(getattr(facts.costs, name)) for name in ("visit", "finding", "harm")}
    if facts.next_round is not None:
        out["next_round.half_width"] = _whole(100 * facts.next_round.half_width)
    if facts.single is not None:
        out |= {"single.wide": _whole(100 * facts.single.wider_than), "single.minimum": facts.single.minimum}
        out["single.file"] = "single_places.parquet"
    return out


def _whole(x: float) -> int | float:
    """A number as it was declared: without decimals when it has none."""
    return round(x) if abs(x - round(x)) < 1e-9 else round(x, 3)


def _tips(facts: RunFacts) -> Declared:
    """Strengths of tips that bands are given for, and what is assumed of unvisited places."""
    out: Declared = {f"gamma.{g:g}": int(g) if g == round(g) else g for g in gammas(facts.estimates)}
    for e in facts.estimates:
        if e.method == "assumed":
            named = assumptions(e)
            out |= {
                f"assumed.{name}": 100 * value if name.endswith("ceiling") else value for name, value in named.items()
            }
    return out


def _inspections(facts: RunFacts) -> Declared:
    """Who counted how well an inspection sees."""
    why = facts.inspections.why if facts.inspections is not None else None
    return {} if why is None else {"inspections.why": why}


def _dates(facts: RunFacts) -> Declared:
    """As-of dates that a table names."""
    dates = (at_of(e, "as_of") for e in facts.estimates if e.metric == "maturity_units")
    return {f"date.{date}": date for date in dates}


def _supposed(facts: RunFacts) -> Declared:
    """Shares of cases that a model was learnt again with."""
    told = (e for e in facts.estimates if e.metric == "list_kept_supposing")
    return {f"supposed.{e.at}": float(at_of(e, "share")) for e in told}


def _sides(facts: RunFacts) -> Declared:
    """What the sides of a profile are called."""
    out: Declared = {"sides.count": len(facts.sides)}
    for name, side in facts.sides.items():
        out |= {f"side.{name}.label": side.label, f"side.{name}.definition": side.definition}
    return out


def _groups(facts: RunFacts) -> Declared:
    """Names of groups: as declared, else as they stand in the data."""
    out: Declared = {}
    for name, attribute in facts.attributes.items():
        out |= {f"attribute.{name}.label": attribute.label, f"attribute.{name}.definition": attribute.definition}
        out[f"group.{name}=unknown"] = _both("groups.unknown")
        out |= {f"group.{name}={value}": text for value, text in attribute.values.items()}
    out |= {f"group.{SECTOR}={name}": label for name, label in facts.sectors.items()}
    named = [group for e in facts.estimates for group in (e.group, reference_group(e)) if group]
    named += [
        f"{f.facts['by']}={f.facts[end]}"
        for f in facts.findings
        for end in ("highest", "lowest")
        if end in f.facts and "by" in f.facts
    ]
    return {
        **{group_key: value_of(group) for group in named if (group_key := f"group.{group}") not in out},
        **out,
    }


def _both(key: str) -> Text:
    """A sentence of the catalogue as a text in both languages."""
    return Text(**{language: sentence(key, language) for language in LANGUAGES})


def _accounted(facts: RunFacts) -> Declared:
    """What people answered: of indicators, of audited attributes, of differences that were found, and of special data."""
    out: Declared = {}
    for family, answers in facts.suitability.items():
        texts = {name: getattr(answers, name) for name in QUESTIONS}
        out |= {f"suitability.{family}.{name}": text for name, text in texts.items() if text is not None}
    for attribute, why in facts.why.items():
        out |= {f"why.{attribute}.reason": why.reason, f"why.{attribute}.harm": why.harm}
    if (given := facts.justification) is not None:
        out |= {f"justification.{name}": text for name in ASKED if (text := getattr(given, name)) is not None}
        if given.signed_by is not None and given.signed_on is not None:
            out |= {"justification.signed_by": given.signed_by, "justification.signed_on": given.signed_on.isoformat()}
    for name, special in facts.dataset.special.items():
        out |= {f"special.{name}.label": special.label, f"special.{name}.ground": special.ground}
        out |= {f"special.{name}.access.{i}": who for i, who in enumerate(special.access)}
        out[f"special.{name}.delete_on"] = special.delete_on.isoformat()
    for estimate in facts.estimates:
        if estimate.metric == CORRELATION:
            measure = at_of(estimate, "measure")
            out[f"family.{measure}"] = facts.families.get(measure, measure)
    if facts.measure_limit is not None:
        out["measure_limit"] = facts.measure_limit
    if facts.score_proxy is not None:
        out["score_proxy"] = facts.score_proxy
    return out


def _folds(facts: RunFacts) -> Declared:
    out: Declared = {"folds.n_test": sum(fold.n_test for fold in facts.folds)}
    if facts.folds:
        out["folds.test_from"] = min(fold.test_from for fold in facts.folds).isoformat()
        out["folds.test_until"] = max(fold.test_until for fold in facts.folds).isoformat()
    for fold in facts.folds:
        key = f"fold.{fold.name}"
        out |= {
            f"{key}.{name}": getattr(fold, name).isoformat()
            for name in ("split_on", "train_from", "train_until", "test_from", "test_until")
        }
        out |= {f"{key}.{name}": getattr(fold, name) for name in ("n_train", "n_test", "n_positive")}
    return out


def _findings(findings: Iterable[Finding]) -> Declared:
    findings = tuple(findings)
    out: Declared = {
        f"findings.{verdict}": sum(f.verdict == verdict for f in findings)
        for verdict in ("found", "not_found", "not_applicable")
    }
    out |= {
        f"findings.found.{theme}": sum(f.verdict == "found" and f.theme == theme for f in findings) for theme in THEMES
    }
    for i, finding in enumerate(findings):
        out[f"finding.{i}.code"] = finding.code
        for name, value in finding.facts.items():
            out |= {f"finding.{i}.{name}": value, f"finding.{i}.name.{name}": name}
    return out


def _limits_of_rules(facts: RunFacts) -> Declared:
    """Limits of a rule's conditions, in the unit of their column."""
    out: Declared = {}
    for i, finding in enumerate(facts.findings):
        for place in CONDITIONS:
            if (limit := finding.facts.get(f"{place}_limit")) is not None:
                unit = unit_of_one(facts.measures.get(str(finding.facts[place])), float(limit))
                out[f"finding.{i}.{place}_limit.told"] = unit.of(float(limit))
    return out


def _identity(facts: RunFacts) -> Declared:
    out: Declared = {}
    for prefix, values in (("identity", facts.identity), ("version", facts.versions), ("timing", facts.timings)):
        for name, value in values.items():
            out[f"{prefix}.name.{name}"] = name
            out[f"{prefix}.{name}"] = round(value, 1) if isinstance(value, float) else value
    if "seed" in facts.spec:
        out["seed"] = str(facts.spec["seed"])
    return out
