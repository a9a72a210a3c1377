"""The small words that the grammar goes by, by their class (vocabulary.py says what each letter is), and the words of streets."""

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "T": "to and or till until through", "F": "from at by between since around about before after in", "q": "past",
        "G": "daily weekdays weekends weekday open hours", "d": "the", "o": "of", "a": "a an", "H": "half", "C": "o'clock",
        "L": "call ring phone text hotline helpline", "B": "street lane avenue square", "i": "st nd rd th", "e": "won lost behind score",
        "g": "opens closes starts begins ends",
    },
    "fi": {
        "T": "ja tai sekä", "q": "yli", "v": "välillä väliin aikaan aikoihin maissa tienoilla alkaen lähtien", "b": "vaille", "G": "paikalla arkisin päivittäin viikonloppuisin arkena auki avoinna aukioloaika aukioloajat",
        "H": "puoli puolen puolta puolessa", "C": "klo kello", "y": "vuonna vuosina vuodesta vuoteen vuoden vuosien vuosi", "L": "soita puhelin puh neuvontapuhelin", "B": "katu kuja polku puistokatu", "e": "äänin häviöllä voitti hävisi voittoon lukemin",
        "g": "suljetaan avataan alkaa päättyy sulkeutuu aukeaa", "l": "artikla artiklan luku luvun pykälä pykälän "
        "momentti momentin § kohta kohdan",
    },
    "sv": {
        "T": "till och eller samt o", "F": "från mellan sedan före efter kring i senast", "q": "över", "d": "den", "o": "av",
        "G": "plats dagligen vardagar veckoslut veckosluten helger öppet öppen öppettider", "H": "halv", "C": "kl klockan", "v": "tiden",
        "y": "år åren", "L": "ring telefon tfn telefonen", "B": "gata gränd stig", "e": "rösterna vann förlorade resultatet", "g": "stänger öppnar börjar slutar stängs öppnas", "l": "kap kapitel artikel § mom", "i": "",
    },
}  # fmt: skip
# Phone numbers that are said in words.
SPOKEN_PHONES = {
    "fi": {"yksi yksi kaksi": "112", "yks yks kaks": "112"},
    "sv": {"ett ett två": "112"},
    "en": {"one one two": "112"},
}
# In every language: an English text names Finnish and Swedish streets.
STREETS = tuple(
    "katu tie kuja polku kaari aukio tori raitti väylä penger bulevardi esplanadi gatan vägen gränd stigen torget esplanaden "
    "bågen stranden gata allén street road avenue lane square".split()
)
BEFORE_STREETS = frozenset(
    "itäinen läntinen pohjoinen eteläinen iso pieni vanha uusi östra västra norra södra stora lilla gamla nya".split()
)
