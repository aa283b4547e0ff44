"""Goals, action lines and the organisations of the demonstration."""

from collections import Counter

from intake.programme import (
    INTERNATIONAL,
    ActionLine,
    Entity,
    Goal,
    action_lines,
    countries,
    entities,
    load_programme,
    sdgs,
)
from intake.programme.rows import LANGUAGES


def test_there_are_seventeen_goals_with_names_in_six_languages():
    assert list(sdgs()) == list(range(1, 18))
    assert sdgs()[2] == Goal(
        number=2,
        names={
            "en": "Zero Hunger",
            "ar": "القضاء التام على الجوع",
            "zh": "零饥饿",
            "es": "Hambre cero",
            "fr": "Faim « zéro »",
            "ru": "Ликвидация голода",
        },
        unconfirmed=("es",),
    )
    assert all(tuple(goal.names) == LANGUAGES and all(goal.names.values()) for goal in sdgs().values())
    assert (sdgs()[4].name, sdgs()[4].name_in("fr"), sdgs()[4].unconfirmed) == (
        "Quality Education",
        "Éducation de qualité",
        (),
    )


def test_there_are_eleven_action_lines_whose_translations_are_drafts():
    lines = action_lines()

    assert list(lines) == [f"C{number}" for number in range(1, 12)]
    assert all(tuple(line.names) == LANGUAGES and all(line.names.values()) for line in lines.values())
    assert isinstance(lines["C9"], ActionLine)
    assert (lines["C9"].name, lines["C9"].name_in("ru")) == ("Media", "Средства массовой информации")
    assert lines["C9"].unconfirmed == ("ar", "zh", "es", "fr", "ru")
    assert lines["C2"].unconfirmed == ("ar", "zh", "es", "ru")


def test_the_entities_fit_the_programme_and_the_countries():
    programme, known = load_programme(), {*countries(), INTERNATIONAL}

    assert len(entities()) == 36
    assert Counter(entity.category for entity in entities()) == {
        "private_sector": 17,
        "member_states": 11,
        "un_io": 3,
        "civil_society": 3,
        "academia": 1,
        "youth": 1,
    }
    assert {entity.category for entity in entities()} == {category.id for category in programme.categories}
    assert {e.focus_area for e in entities()} <= {None, *(area.id for area in programme.focus_areas)}
    assert {entity.country for entity in entities()} <= known


def test_an_entity_is_read_whole():
    assert [
        entity for entity in entities() if entity.organisation in ("Inmarsat", "Generation Connect Visionaries Board")
    ] == [
        Entity(
            organisation="Inmarsat",
            category="private_sector",
            country="GBR",
            focus_area="access",
            focus_area_is_stated=True,
            subject='USD 1.2 million of satellite airtime for "connecting people everywhere"',
            evidence="pledge",
            source="https://capacitymedia.com/article/29tgv135tpvr6afnfitc0/inmarsat-donates-1-2-million-in-airtime-to-itu-coalition",
        ),
        Entity(
            organisation="Generation Connect Visionaries Board",
            category="youth",
            country="INT",
            focus_area=None,
            focus_area_is_stated=False,
            subject="Youth voice on stage at the opening of the Roundtable",
            evidence="roundtable participant; pledge not seen",
            source="https://www.itu.int/fr/ITU-D/bdt-director/Pages/Speeches.aspx?ItemID=457",
        ),
    ]
