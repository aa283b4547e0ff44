"""Countries, their names and the UN's groups of them on a day."""

from datetime import date

import pytest

from intake.programme import Country, countries, country_name
from intake.programme.rows import LANGUAGES, rows

EVE_OF_2026_EXITS = date(2026, 11, 23)


def ldcs(day: date) -> set[str]:
    return {country.iso3 for country in countries().values() if country.ldc_on(day)}


def test_there_are_215_countries_and_territories_with_their_groups():
    everyone = countries().values()

    assert (len(everyone), sum(c.un_member for c in everyone)) == (215, 193)
    assert (sum(c.lldc for c in everyone), sum(c.sids for c in everyone), sum(c.sids_associate for c in everyone)) == (
        32,
        39,
        18,
    )


def test_least_developed_countries_were_46_in_2022_and_44_in_2026_until_its_exits():
    assert len(ldcs(date(2022, 6, 7))) == 46
    assert len(ldcs(date(2026, 1, 1))) == len(ldcs(EVE_OF_2026_EXITS)) == 44
    assert ldcs(date(2022, 6, 7)) - ldcs(EVE_OF_2026_EXITS) == {"BTN", "STP"}
    assert ldcs(EVE_OF_2026_EXITS) - ldcs(date(2026, 11, 24)) == {"BGD", "LAO", "NPL"}
    assert ldcs(date(2026, 11, 24)) - ldcs(date(2027, 12, 13)) == {"SLB"}


def test_the_day_of_an_exit_is_the_first_day_without_the_status():
    bhutan = countries()["BTN"]

    assert [bhutan.ldc_on(date(2023, 12, day)) for day in (12, 13, 14)] == [True, False, False]
    assert bhutan.groups_on(date(2023, 12, 12)) == ("LDC", "LLDC")
    assert bhutan.groups_on(date(2023, 12, 13)) == ("LLDC",)


def test_an_exit_is_confirmed_once_it_has_happened():
    assert {c.iso3: c.ldc_exit_is_confirmed for c in countries().values() if c.ldc_exit} == {
        "BGD": False,
        "BTN": True,
        "LAO": False,
        "NPL": False,
        "SLB": False,
        "STP": True,
    }
    assert not countries()["GHA"].ldc_exit_is_confirmed


def test_the_lists_of_2022_and_2026_in_the_file_agree_with_its_dates():
    listed = {
        year: {row["iso3"] for row in rows("countries.csv") if row[f"ldc_{year}"] == "1"} for year in (2022, 2026)
    }

    assert listed == {2022: ldcs(date(2022, 1, 1)), 2026: ldcs(date(2026, 1, 1))}


def test_a_country_is_read_whole():
    haiti = countries()["HTI"]

    assert haiti == Country(
        iso3="HTI",
        iso2="HT",
        names={"en": "Haiti", "ar": "هايتي", "zh": "海地", "es": "Haití", "fr": "Haïti", "ru": "Гаити"},
        region="Americas",
        lldc=False,
        sids=True,
        sids_associate=False,
        un_member=True,
        ldc_listed=True,
        ldc_exit=None,
        ldc_exit_note="",
    )
    assert haiti.groups_on(date(2026, 11, 24)) == ("LDC", "SIDS")
    assert {haiti: "a key"}[haiti] == "a key"


def test_countries_stand_in_the_order_of_their_english_names_with_accents_ignored():
    order = list(countries())

    assert [countries()[code].name for code in order[:3]] == ["Afghanistan", "Albania", "Algeria"]
    assert order.index("CRI") < order.index("CIV") < order.index("HRV")
    assert order.index("TUN") < order.index("TUR") < order.index("TKM")


def test_every_country_has_a_name_in_six_languages_and_unlike_codes():
    everyone = countries().values()

    assert all(tuple(c.names) == LANGUAGES and all(c.names.values()) for c in everyone)
    assert len({c.iso2 for c in everyone}) == 215


def test_names_follow_the_language_and_fall_back_to_english():
    assert [country_name("CHE", language) for language in ("fr", "fr-CH", "zh_Hans", "de")] == [
        "Suisse",
        "Suisse",
        "瑞士",
        "Switzerland",
    ]
    assert [country_name("INT"), country_name("INT", "es")] == ["International", "Internacional"]
    with pytest.raises(KeyError, match="There is no country “XXX”: use an ISO alpha-3 code such as GHA, or INT"):
        country_name("XXX")
