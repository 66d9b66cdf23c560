"""The dictionary of features and the purpose that the made-up runs declare."""

from __future__ import annotations

from tegenkracht.core.feature import Feature
from tegenkracht.core.purpose import Purpose

from .builders import text

FEATURES = tuple(
    Feature(
        name=name,
        label=text(nl, en),
        definition=text(
            f"{nl}, gerekend tot en met de dag waarop de lijst wordt gemaakt.",
            f"{en}, counted up to the day on which the list is made.",
        ),
        subject=subject,
        source=source,
        family=family,
        availability=availability,
        direction=direction,
        proxy_risk=risk,
        manipulability=manipulability,
    )
    for name, nl, en, subject, source, family, availability, direction, risk, manipulability in (
        (
            "takeover_count_36m",
            "Aantal wisselingen van uitbater in 36 maanden",
            "Number of changes of operator in 36 months",
            "business",
            "Handelsregister",
            "takeover",
            "open",
            "+",
            "low",
            1,
        ),
        (
            "takeover_days_since_last",
            "Dagen sinds laatste wisseling van uitbater",
            "Days since last change of operator",
            "business",
            "Handelsregister",
            "takeover",
            "open",
            "-",
            "low",
            1,
        ),
        (
            "cluster_takeover_count_12m",
            "Aantal wisselingen bij de buren in 12 maanden",
            "Number of changes at the neighbours in 12 months",
            "place",
            "Handelsregister",
            "takeover",
            "open",
            "+",
            "medium",
            1,
        ),
        (
            "tenure_days",
            "Dagen sinds opening",
            "Days since opening",
            "business",
            "Handelsregister",
            "",
            "open",
            "-",
            "medium",
            2,
        ),
        (
            "late_accounts_sum_24m",
            "Te late jaarrekeningen, som over 24 maanden",
            "Late accounts, sum over 24 months",
            "business",
            "Jaarrekeningen",
            "late_accounts",
            "licensed",
            "+",
            "medium",
            3,
        ),
        (
            "late_accounts_max_24m",
            "Te late jaarrekeningen, hoogste in 24 maanden",
            "Late accounts, highest in 24 months",
            "business",
            "Jaarrekeningen",
            "late_accounts",
            "licensed",
            "+",
            "medium",
            3,
        ),
        (
            "area_vacancy_latest",
            "Leegstand in het gebied, laatste stand",
            "Vacancy in the area, latest",
            "area",
            "Gemeente",
            "vacancy",
            "open",
            "±",
            "high",
            0,
        ),
        (
            "heat_burglary",
            "Inbraken in de buurt",
            "Burglaries nearby",
            "area",
            "Politie, open data",
            "heat_burglary",
            "closed",
            "+",
            "high",
            0,
        ),
    )
)
PURPOSE = Purpose(
    title=text(
        "Welke winkelpanden verdienen aandacht van een mens?", "Which shop premises deserve a person’s attention?"
    ),
    question=text(
        "Bij welke winkelpanden vindt een controle binnen 12 maanden iets dat op crimineel gebruik van de zaak wijst?",
        "At which shop premises would a visit within 12 months find something that points to criminal use of the business?",
    ),
    unit="place",
    unit_name=text("winkelpanden", "shop premises"),
    outcome=text("Een bevinding bij een controle binnen 12 maanden.", "A finding on a visit within 12 months."),
    intended_use=(text("kiezen waar een mens eerst kijkt", "to choose where a person looks first"),),
    out_of_scope=(
        text("als reden om een vergunning te weigeren", "as a reason to refuse a licence"),
        text("om personen of families te beoordelen", "to assess persons or families"),
        text("voor opsporing of door de politie", "for criminal investigation or by the police"),
        text("om zonder mens iets te besluiten", "to decide anything without a person"),
    ),
    reading_guide=text(
        "Dat het pand kenmerken heeft die een deskundige wil bekijken. Bijvoorbeeld: veel wisselingen van ondernemer.",
        "That the premises have features that an expert wants to look at. For example: many changes of operator.",
    ),
    deployer=text("Gemeente Voorbeeldstad", "Municipality of Exampletown"),
    deployer_function=text(
        "toezicht en vergunningen, geen opsporing", "supervision and licences, no criminal investigation"
    ),
    legal_ground=None,
    sole_traders="exclude",
)
