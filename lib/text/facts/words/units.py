"""Units of time, measures and money, in Finnish, Swedish and English; Finnish ones in their cases."""

from .finnish_nouns import noun


def _adjectives(stem: str) -> list[dict[str, str]]:
    """Return forms of a Finnish adjective that stands after digits: 20-kiloinen, 24,5-asteista."""
    return [
        {"": f"{stem}{ending}"}
        for ending in (
            "nen",
            "sen",
            "sta",
            "stä",
            "set",
            "sia",
            "siä",
            "siksi",
            "seksi",
            "sissa",
            "sessa",
            "sella",
            "sille",
        )
    ]


def _plural(one: str, many: str, **other: str) -> dict[str, str]:
    return {"one": one, "many": many} | other


# {language: {code: [forms of each name]}}. What counts in one form only has it as "".
DURATIONS: dict[str, dict[str, list[dict[str, str]]]] = {
    "fi": {
        "s": [noun("sekunti", "sekunni"), {"": "s"}, {"": "sek"}],
        "min": [noun("minuutti", "minuuti"), {"": "min"}],
        "h": [noun("tunti", "tunni"), {"": "h"}, {"": "t"}],
        "d": [
            noun("vuorokausi", "vuorokaude", "vuorokautta", "vuorokauteen", "vuorokaute"), noun("päivä"),
            {"": "vrk"}, {"": "pv"},
        ],
        "wk": [noun("viikko", "viiko"), {"": "vk"}],
        "mo": [noun("kuukausi", "kuukaude", "kuukautta", "kuukauteen", "kuukaute"), {"": "kk"}],
        "y": [noun("vuosi", "vuode", "vuotta", "vuoteen", "vuote"), {"": "v"}],
    },
    "sv": {
        "s": [_plural("sekund", "sekunder", of="sekunders", of_one="sekunds", the="sekunderna", the_one="sekunden"), {"": "s"}, {"": "sek"}],
        "min": [_plural("minut", "minuter", of="minuters", of_one="minuts", the="minuterna"), {"": "min"}],
        "h": [_plural("timme", "timmar", of="timmars", of_one="timmes", the="timmarna", the_one="timmen"), {"": "h"}, {"": "tim"}, {"": "t"}],
        "d": [
            _plural("dygn", "dygn", of="dygns", of_one="dygns", the="dygnen"), _plural("dag", "dagar", of="dagars", of_one="dags", the="dagarna"), {"": "dgr"},
        ],
        "wk": [_plural("vecka", "veckor", of="veckors", of_one="veckas", the="veckorna")],
        "mo": [_plural("månad", "månader", of="månaders", of_one="månads", the="månaderna"), {"": "mån"}],
        "y": [_plural("år", "år", of="års", of_one="års", the="åren")],
    },
    "en": {
        "s": [_plural("second", "seconds"), {"": "s"}, {"": "sec"}],
        "min": [_plural("minute", "minutes"), {"": "min"}, {"": "mins"}],
        "h": [_plural("hour", "hours"), {"": "h"}, _plural("hr", "hrs")],
        "d": [_plural("day", "days"), {"": "d"}],
        "wk": [_plural("week", "weeks")],
        "mo": [_plural("month", "months")],
        "y": [_plural("year", "years")],
    },
}  # fmt: skip

# Signs that every language has.
SIGNS = {
    "C": "°C",
    "m/s": "m/s", "km/h": "km/h", "°C": "°C", "°": "°C", "km": "km", "m": "m", "cm": "cm", "mm": "mm", "kg": "kg", "g": "g",
    "mg": "mg", "µg": "µg", "l": "l", "dl": "dl", "ml": "ml", "ha": "ha", "kWh": "kWh", "MW": "MW", "kW": "kW", "V": "V",
    "GB": "GB", "MB": "MB", "TB": "TB", "m²": "m²", "m³": "m³", "km²": "km²", "kcal": "kcal", "dB": "dB", "Hz": "Hz", "GW": "GW", "TWh": "TWh",
    "MWh": "MWh", "µSv": "µSv", "mSv": "mSv", "Sv": "Sv", "Bq": "Bq", "kBq": "kBq", "µSv/h": "µSv/h", "mSv/h": "mSv/h", "Bq/kg": "Bq/kg",
    "Bq/l": "Bq/l", "Bq/m³": "Bq/m³", "µBq/m³": "µBq/m³", "mBq/m³": "mBq/m³", "mg/l": "mg/l", "µg/l": "µg/l", "mg/m³": "mg/m³",
    "µg/m³": "µg/m³", "Gbit/s": "Gbit/s", "Mbit/s": "Mbit/s",
}  # fmt: skip
MEASURES: dict[str, dict[str, list[dict[str, str]]]] = {
    "fi": {
        "l": [noun("litra")], "dl": [noun("desilitra")], "ml": [noun("millilitra")],
        "m": [noun("metri"), *_adjectives("metri")], "km": [noun("kilometri")], "cm": [
            noun("senttimetri"), noun("sentti", "senti", "senttiä", "senttiin"), *_adjectives("sentti"),
        ],
        "mm": [noun("millimetri"), noun("milli")], "°C": [
            noun("aste", "astee", "astetta", "asteeseen", "astee"), noun("lämpöaste", "lämpöastee", "lämpöastetta", "lämpöasteeseen", "lämpöastee"), noun("pakkasaste", "pakkasastee", "pakkasastetta", "pakkasasteeseen", "pakkasastee"), *_adjectives("astei"),
        ],
        "kg": [noun("kilogramma"), noun("kilo"), *_adjectives("kiloi")], "g": [noun("gramma")], "mg": [noun("milligramma")],
        "t": [noun("tonni")], "ha": [noun("hehtaari")], "GB": [{"": "Gt"}, noun("gigatavu")], "MB": [{"": "Mt"}, noun("megatavu")],
        "TB": [noun("teratavu")], "m²": [noun("neliömetri"), noun("neliö")], "m³": [noun("kuutiometri"), noun("kuutio", partitive="kuutiota")],
        "km²": [noun("neliökilometri")], "MW": [noun("megawatti", "megawati")], "kW": [noun("kilowatti", "kilowati")],
        "kWh": [noun("kilowattitunti", "kilowattitunni")], "µg": [noun("mikrogramma")], "dm": [noun("desimetri")],
        "kcal": [noun("kilokalori"), noun("kalori")], "µSv": [noun("mikrosievert", "mikrosieverti", "mikrosievertiä", "mikrosievertiin")],
        "mSv": [noun("millisievert", "millisieverti", "millisievertiä", "millisievertiin")],
        "Bq": [noun("becquerel", "becquereli", "becquereliä", "becquereliin")],
        "µBq": [noun("mikrobecquerel", "mikrobecquereli", "mikrobecquereliä", "mikrobecquereliin")],
        "GW": [noun("gigawatti", "gigawati")], "Gbit": [noun("gigabitti", "gigabiti")], "Mbit": [noun("megabitti", "megabiti")],
    },
    "sv": {
        "l": [{"": "liter"}, {"of": "liters"}], "dl": [{"": "deciliter"}], "ml": [{"": "milliliter"}],
        "m": [{"": "meter"}, {"of": "meters"}], "km": [{"": "kilometer"}, {"of": "kilometers"}], "cm": [{"": "centimeter"}],
        "mm": [{"": "millimeter"}], "°C": [_plural("grad", "grader", of="graders", of_one="grads"), _plural("minusgrad", "minusgrader"), _plural("plusgrad", "plusgrader")],
        "kg": [{"": "kilogram"}, {"": "kilo"}, {"of": "kilos"}], "g": [{"": "gram"}], "mg": [{"": "milligram"}],
        "t": [{"": "ton"}], "ha": [{"": "hektar"}], "GB": [{"": "gigabyte"}], "MB": [{"": "megabyte"}], "TB": [{"": "terabyte"}],
        "m²": [{"": "kvadratmeter"}], "m³": [{"": "kubikmeter"}, {"": "kubik"}], "km²": [{"": "kvadratkilometer"}], "MW": [{"": "megawatt"}],
        "kW": [{"": "kilowatt"}], "kWh": [_plural("kilowattimme", "kilowattimmar")], "µg": [{"": "mikrogram"}], "dm": [{"": "decimeter"}],
        "kcal": [_plural("kilokalori", "kilokalorier"), _plural("kalori", "kalorier")], "µSv": [{"": "mikrosievert"}],
        "mSv": [{"": "millisievert"}], "Bq": [{"": "becquerel"}], "µBq": [{"": "mikrobecquerel"}], "GW": [{"": "gigawatt"}],
        "Gbit": [{"": "gigabit"}], "Mbit": [{"": "megabit"}],
    },
    "en": {
        "l": [_plural("litre", "litres"), _plural("liter", "liters")], "dl": [_plural("decilitre", "decilitres")],
        "ml": [_plural("millilitre", "millilitres"), _plural("milliliter", "milliliters")],
        "m": [_plural("metre", "metres"), _plural("meter", "meters")],
        "km": [_plural("kilometre", "kilometres"), _plural("kilometer", "kilometers")],
        "cm": [_plural("centimetre", "centimetres"), _plural("centimeter", "centimeters")],
        "mm": [_plural("millimetre", "millimetres"), _plural("millimeter", "millimeters")],
        "°C": [_plural("degree", "degrees")], "kg": [_plural("kilo", "kilos"), _plural("kilogram", "kilograms")],
        "g": [_plural("gram", "grams")], "mg": [_plural("milligram", "milligrams")],
        "t": [_plural("tonne", "tonnes"), _plural("ton", "tons")], "ha": [_plural("hectare", "hectares")],
        "GB": [_plural("gigabyte", "gigabytes")], "MB": [_plural("megabyte", "megabytes")], "TB": [_plural("terabyte", "terabytes")],
        "m²": [_plural("square metre", "square metres")], "m³": [_plural("cubic metre", "cubic metres")],
        "km²": [_plural("square kilometre", "square kilometres")], "MW": [_plural("megawatt", "megawatts")],
        "kW": [_plural("kilowatt", "kilowatts")], "kWh": [_plural("kilowatt-hour", "kilowatt-hours")],
        "µg": [_plural("microgram", "micrograms")], "dm": [_plural("decimetre", "decimetres")], "kcal": [_plural("calorie", "calories")],
        "µSv": [_plural("microsievert", "microsieverts")], "mSv": [_plural("millisievert", "millisieverts")],
        "Bq": [_plural("becquerel", "becquerels")], "µBq": [_plural("microbecquerel", "microbecquerels")],
        "GW": [_plural("gigawatt", "gigawatts")], "Gbit": [_plural("gigabit", "gigabits")], "Mbit": [_plural("megabit", "megabits")],
    },
}  # fmt: skip
MONEY: dict[str, dict[str, list[dict[str, str]]]] = {
    "fi": {"EUR": [noun("euro"), {"": "Me"}], "SEK": [noun("kruunu")], "USD": [noun("dollari")]},
    "sv": {
        "EUR": [{"": "euro"}, {"": "Me"}, {"of": "euros"}, {"": "cent"}],
        "SEK": [_plural("krona", "kronor")],
        "USD": [{"": "dollar"}],
    },
    "en": {
        "EUR": [_plural("euro", "euros"), _plural("cent", "cents")],
        "SEK": [_plural("krona", "kronor")],
        "USD": [_plural("dollar", "dollars")],
    },
}
PERCENT: dict[str, list[dict[str, str]]] = {
    "fi": [noun("prosentti", "prosenti"), noun("prosenttiyksikkö", "prosenttiyksikö", "prosenttiyksikköä")],
    "sv": [{"": "procent"}, {"of": "procents"}, _plural("procentenhet", "procentenheter")],
    "en": [{"": "per cent"}, {"": "percent"}, _plural("percentage point", "percentage points")],
}
MULTIPLES: dict[str, dict[int, list[dict[str, str]]]] = {
    "fi": {
        10**6: [noun("miljoona"), {"": "milj"}, {"": "M"}],
        10**9: [noun("miljardi"), {"": "mrd"}],
    },
    "sv": {
        100: [{"": "hundra"}],
        1000: [{"": "tusen"}],
        10**6: [_plural("miljon", "miljoner"), {"": "mn"}, {"": "milj"}],
        10**9: [_plural("miljard", "miljarder"), {"": "md"}],
    },
    "en": {
        100: [{"": "hundred"}],
        1000: [{"": "thousand"}],
        10**6: [{"": "million"}],
        10**9: [{"": "billion"}, {"": "bn"}],
    },
}  # fmt: skip
# What a unit that is so many in another is called by its sign: millisieverts an hour, becquerels per kilo.
PER = {
    ("m", "s"): "m/s", ("km", "h"): "km/h", ("µSv", "h"): "µSv/h", ("mSv", "h"): "mSv/h", ("Bq", "kg"): "Bq/kg", ("Bq", "l"): "Bq/l",
    ("Bq", "m³"): "Bq/m³", ("µBq", "m³"): "µBq/m³", ("mg", "l"): "mg/l", ("µg", "m³"): "µg/m³", ("Gbit", "s"): "Gbit/s", ("Mbit", "s"): "Mbit/s",
}  # fmt: skip
SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400, "wk": 604_800}
