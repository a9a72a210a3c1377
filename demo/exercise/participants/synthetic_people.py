"""
Make synthetic influencers. Same seed and number of rows, same people, row for row.

Nobody in here exists: surnames mean "example" or "test", addresses are on example.org, .net and .com
(RFC 2606), handles begin with "synth". Shares of regions follow the 2020 population roughly; Åland and the
Sámi homeland get a few rows more than their share, so that small lists show them too.
"""

import itertools
import random
import unicodedata
from datetime import date, timedelta
from math import exp, log
from typing import Any

Row = dict[str, Any]

# region: (share of people %, share sv, share en, municipalities)
REGIONS = {
    "MK01": (30.5, 0.12, 0.20, "Helsinki Espoo Vantaa Porvoo Lohja Raasepori Hyvinkää Järvenpää Kirkkonummi Loviisa"),
    "MK02": (8.6, 0.09, 0.12, "Turku Salo Kaarina Naantali Parainen Kemiönsaari Uusikaupunki"),
    "MK04": (3.9, 0.01, 0.01, "Pori Rauma Ulvila Kankaanpää"),
    "MK05": (3.1, 0.01, 0.01, "Hämeenlinna Riihimäki Forssa"),
    "MK06": (9.4, 0.02, 0.12, "Tampere Nokia Ylöjärvi Sastamala Mänttä-Vilppula"),
    "MK07": (3.7, 0.01, 0.02, "Lahti Heinola Hollola"),
    "MK08": (3.0, 0.01, 0.01, "Kouvola Kotka Hamina"),
    "MK09": (2.3, 0.01, 0.06, "Lappeenranta Imatra"),
    "MK10": (2.5, 0.01, 0.01, "Mikkeli Savonlinna Pieksämäki Mäntyharju"),
    "MK11": (4.4, 0.01, 0.06, "Kuopio Iisalmi Varkaus Siilinjärvi"),
    "MK12": (2.9, 0.01, 0.06, "Joensuu Lieksa Kitee"),
    "MK13": (4.9, 0.01, 0.08, "Jyväskylä Äänekoski Jämsä Laukaa"),
    "MK14": (3.4, 0.01, 0.01, "Seinäjoki Lapua Kauhajoki Alajärvi"),
    "MK15": (3.2, 0.52, 0.05, "Vaasa Pietarsaari Mustasaari Närpiö Kristiinankaupunki Pedersöre"),
    "MK16": (1.2, 0.10, 0.01, "Kokkola Kannus Kruunupyy"),
    "MK17": (7.4, 0.01, 0.08, "Oulu Raahe Ylivieska Kuusamo"),
    "MK18": (1.3, 0.01, 0.01, "Kajaani Kuhmo Sotkamo"),
    "MK19": (3.2, 0.01, 0.03, "Rovaniemi Kemi Tornio Sodankylä Kolari Inari Utsjoki Enontekiö"),
    "MK21": (1.1, 0.94, 0.02, "Mariehamn Jomala Finström Lemland"),
}
SAMI_HOMELAND = {"Inari", "Utsjoki", "Enontekiö"}  # also the north of Sodankylä, left out here
SAMI_LANGUAGES = {"Inari": ("se", "smn", "sms"), "Utsjoki": ("se",), "Enontekiö": ("se",)}

FIRST = {
    "fi": "Aino Eero Helmi Onni Venla Leo Siiri Oliver Aada Väinö Kerttu Toivo Lumi Otso Inka Niilo Pihla Aatos Saana "
    "Kalle Meri Joona Outi Tuomas Ronja Elias Kaisa Ville Taika Aleksi Hanna Jere Minttu Samu Tuuli Roope".split(),
    "sv": "Saga Emil Freja Axel Alma Oscar Ebba Anton Linnea Viktor Ida Wilhelm Elsa Rasmus Moa Benjamin Tyra Kasper "
    "Jenny Mats Sofie Johan Nora Patrik".split(),
    "en": "Maya Daniel Amina Carlos Priya Thomas Linh Omar Grace Mateo Olena Kofi Sara Ivan Zoe Hassan Nadia Ben".split(),
    "se": "Ánne Niillas Máret Áslat Elle Jovnna Risten Heaika".split(),
}
LAST = {
    "fi": "Esimerkkilä Testinen Harjoitusmaa Kokeilunen Mallikas Näytelä Demola Pilottinen Keksilä Sepitelmä".split(),
    "sv": "Exempelström Testberg Provlund Övningsholm Demoström Mallkvist Påhittdal Försöksås".split(),
    "en": "Sampleton Testerson Mockford Placeholder Demowell Fixture Examplewood Trialby".split(),
    "se": "Ovdamearka Geahččaleapmi".split(),  # "example", "trial" in North Sámi
}
INTERESTS = (
    "animals art beauty books comedy dance education family fashion food gaming language music nature "
    "outdoors parenting science sport study travel volunteering wellbeing work"
).split()
AGE_GROUPS = ("13_17", "18_24", "25_34", "35_44", "45_plus")
# Where the audience's centre of gravity lies, by birth decade: weights of the age groups.
DECADES = {
    2000: (48, 30, 12, 6, 4),
    1990: (14, 38, 30, 11, 7),
    1980: (5, 17, 40, 25, 13),
    1970: (3, 9, 21, 38, 29),
    1960: (2, 6, 13, 24, 55),
}
DOMAINS = ("example.org", "example.net", "example.com")
LOWEST, HIGHEST = 800, 400_000
PARTNERS = 100

COLUMNS = [
    "id",
    "name",
    "email",
    "language",
    "other_languages",
    "region",
    "municipality",
    "sami_homeland",
    "audience_birth_decade",
    "topics",
    "instagram_handle",
    "instagram_followers",
    "tiktok_handle",
    "tiktok_followers",
    "youtube_handle",
    "youtube_followers",
    *(f"audience_{a}_pct" for a in AGE_GROUPS),
    "audience_women_pct",
    "audience_men_pct",
    "audience_other_pct",
    "value_sources",
    "value_corrections",
    "value_openness",
    "value_respect",
    "value_guidance",
    "tier",
    "audiences",
    "joined_on",
    "code_signed_on",
    "synthetic",
]


def ascii_slug(text: str) -> str:
    """Return the text in lower-case ASCII, for addresses and handles."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return plain.lower().replace(" ", ".").replace("'", "")


def to_hundred(rng: random.Random, weights: tuple[float, ...], spread: float) -> list[int]:
    """Return whole percentages that add up to exactly 100, scattered around `weights`."""
    noisy = [max(0.5, w * rng.uniform(1 - spread, 1 + spread)) for w in weights]
    exact = [100 * n / sum(noisy) for n in noisy]
    whole = [int(e) for e in exact]
    for i in sorted(range(len(exact)), key=lambda i: whole[i] - exact[i])[: 100 - sum(whole)]:
        whole[i] += 1
    return whole


def followers(rng: random.Random) -> int:
    """
    Return a number of followers, log-normal around 6,000 and drawn again outside the limits.

    Most lists are small, a few are very large.
    """
    while True:
        if LOWEST <= (size := round(exp(rng.gauss(log(6_000), 1.35)))) <= HIGHEST:
            return size


def places(rng: random.Random, rows: int) -> list[tuple[str, str]]:
    """Return one (region, municipality) per row: every region at least once, Åland and Sámi homeland assured."""
    chosen = []
    if rows >= 60:
        chosen = [(r, rng.choice(v[3].split())) for r, v in REGIONS.items()]
        chosen += [("MK19", m) for m in ("Inari", "Inari", "Utsjoki", "Enontekiö")] + [("MK21", "Mariehamn")] * 2
    regions, weights = list(REGIONS), [v[0] for v in REGIONS.values()]
    while len(chosen) < rows:
        region = rng.choices(regions, weights)[0]
        chosen.append((region, rng.choice(REGIONS[region][3].split())))
    chosen = chosen[:rows]
    rng.shuffle(chosen)
    return chosen


def influencer(rng: random.Random, number: int, region: str, municipality: str) -> Row:
    """Return one row of COLUMNS, without tier and audiences."""
    _, share_sv, share_en, _ = REGIONS[region]
    language = rng.choices(("fi", "sv", "en"), (1 - share_sv - share_en, share_sv, share_en))[0]
    sami = municipality in SAMI_HOMELAND
    if sami and language == "en":
        language = "fi"
    names = "se" if sami and rng.random() < 0.6 else language
    first, last = rng.choice(FIRST[names]), rng.choice(LAST[names])
    others = {
        lang
        for lang, p in (("fi", 0.45 if language == "sv" else 0.2), ("sv", 0.12), ("en", 0.4))
        if lang != language and rng.random() < p
    }
    if sami and names == "se":
        others.add(rng.choice(SAMI_LANGUAGES[municipality]))
    decade = rng.choices(list(DECADES), (38, 30, 18, 9, 5))[0]
    platforms = [
        p
        for p, chance in (("instagram", 0.85), ("tiktok", 0.45 if decade >= 1990 else 0.15), ("youtube", 0.35))
        if rng.random() < chance
    ] or ["instagram"]
    main = rng.choice(platforms)
    main_size = followers(rng)
    handle = f"synth{number:04d}.{ascii_slug(first)}"
    row: Row = dict.fromkeys(COLUMNS, "")
    for p in platforms:
        size = main_size if p == main else round(main_size * rng.uniform(0.1, 0.8))
        if size >= LOWEST:
            row[f"{p}_handle"], row[f"{p}_followers"] = handle, size
    topics = rng.sample(INTERESTS, rng.randint(1, 4))
    women = {"beauty": 82, "fashion": 76, "parenting": 72, "gaming": 28, "sport": 45}.get(topics[0], 56)
    gender = to_hundred(rng, (women, 98 - women, 2), 0.18)
    joined = date(2020, 3, 13) + timedelta(days=int(rng.expovariate(1 / 25)))
    joined = min(joined, date(2020, 8, 31))
    values = rng.choices((1, 2, 3, 4, 5), (2, 4, 14, 38, 42), k=5)
    row.update(zip((f"audience_{a}_pct" for a in AGE_GROUPS), to_hundred(rng, DECADES[decade], 0.35), strict=True))
    row.update(zip(("audience_women_pct", "audience_men_pct", "audience_other_pct"), gender, strict=True))
    row.update(
        zip(
            ("value_sources", "value_corrections", "value_openness", "value_respect", "value_guidance"),
            values,
            strict=True,
        )
    )
    row.update(
        id=f"infl-{number:04d}",
        name=f"{first} {last}",
        language=language,
        other_languages=";".join(sorted(others)),
        email=f"{ascii_slug(first)}.{ascii_slug(last)}.{number:04d}@{rng.choice(DOMAINS)}",
        region=region,
        municipality=municipality,
        sami_homeland="yes" if sami else "no",
        audience_birth_decade=decade,
        topics=";".join(sorted(topics)),
        joined_on=joined.isoformat(),
        synthetic="yes",
        code_signed_on=(joined + timedelta(days=rng.randint(0, 6))).isoformat() if rng.random() < 0.82 else "",
    )
    return row


def choose_partners(rows: list[Row]) -> None:
    """
    Mark tier 1: at most 100, and at most a third of the rows. Follower count plays no part. Candidates speak
    Finnish, have signed the code of ethics and answered 4 or 5 to correcting mistakes; they are taken in turn from
    audience birth decades and regions, best values first, so that the hundred reach different people.
    """
    wanted = min(PARTNERS, len(rows) // 3)
    candidates = [
        row for row in rows if row["language"] == "fi" and row["code_signed_on"] and row["value_corrections"] >= 4
    ]
    candidates.sort(key=lambda r: (-sum(r[c] for c in COLUMNS if c.startswith("value_")), r["id"]))
    groups: dict[tuple[int, str], list[Row]] = {}
    for row in candidates:
        groups.setdefault((row["audience_birth_decade"], row["region"]), []).append(row)
    in_turn = itertools.chain.from_iterable(itertools.zip_longest(*(groups[k] for k in sorted(groups, key=str))))
    for row in itertools.islice(filter(None, in_turn), wanted):
        row["tier"] = 1
    for row in rows:
        row["tier"] = row["tier"] or 2
        audience = "international" if row["language"] == "en" else "network"
        row["audiences"] = "partners;network" if row["tier"] == 1 else audience


def generate(rows: int = 3800, seed: int = 2020) -> list[Row]:
    """Return `rows` influencers with the fields of COLUMNS; lists are joined with `;`."""
    rng = random.Random(seed)  # noqa: S311  (made-up people, no secret)
    made = [influencer(rng, n, *place) for n, place in enumerate(places(rng, rows), start=1)]
    # The ends of the scale are always there: the smallest list counts as much as the largest.
    if rows >= 60:
        finnish = [row for row in made if row["language"] == "fi"]
        largest = next(row for row in finnish if row["region"] == "MK01")
        smallest = next(row for row in finnish if row["region"] == "MK18")
        for row, size in ((largest, HIGHEST), (smallest, LOWEST)):
            for p in ("instagram", "tiktok", "youtube"):
                row[f"{p}_handle"] = row[f"{p}_followers"] = ""
            row["instagram_handle"] = f"synth{row['id'][5:]}.{ascii_slug(row['name'].split()[0])}"
            row["instagram_followers"] = size
    choose_partners(made)
    return made
