"""Nouns that are often counted, where only they tell a count from a name or a year, and words before a price."""

COUNTED = {
    "sv": frozenset(
        "personer människor invånare hushåll kunder fall bostäder barn elever patienter anställda platser hus gårdar bilar fordon uppdrag röster".split()
    ),
    "en": frozenset(
        "people persons residents households customers cases homes children pupils patients employees places houses farms cars vehicles "
        "calls votes passengers beds deaths flats jobs families animals tests doses samples".split()
    ),
}

PRICES = frozenset(
    "kostar pris priset bara endast maksaa maksoi hinta hintaan tarjous costs cost price only each".split()
)  # kaffet kostar 1,50
# What may be joined to a number by a hyphen and leaves it one: 34-vuotias, 6-digit.
SIZES = {
    "fi": (
        "vuot", "kert", "numer", "merk", "paikk", "henk", "heng", "sivu", "osai", "kieli", "kohta", "viiko", "päiv", "tunt", "kiloi", "metr", "senti", "astei", "kk", "krs",
        "luokk", "huone", "kerrok", "vaih", "litra", "prosent", "pist", "vrk", "min", "vuorok", "kuukau", "säkki", "pakkau",
    ),
    "sv": ("år", "siffr", "sits", "fald", "person", "minut", "tim", "dag", "veck", "meter", "kilo", "liter", "grad", "procent", "rum", "sidig", "gång", "dos", "tal"),
    "en": (
        "year", "digit", "person", "page", "seat", "bed", "strong", "fold", "point", "room", "mile", "month", "day", "week", "hour", "minute", "metre", "kilo", "litre",
        "degree", "percent", "member", "strand", "dose", "million", "man", "part",
    ),
}  # fmt: skip
# Before a number such as 2.4 that is no date.
VERSIONED = (
    "versi", "ios", "android", "windows", "luku", "luvu", "luvus", "kohta", "kohda", "kuva", "taulukko", "tauluko", "liite", "liittee", "kapitel", "punkt", "tabell", "bild",
    "bilaga", "avsnitt", "taajuus", "kanava", "frekvens", "kanal", "chapter", "section", "table", "figure", "point", "annex", "paragraph", "frequency", "channel", "§",
)  # fmt: skip
PIECES = frozenset("kpl st pkt prk pcs hlö hlöä pers".split())  # what only counts
