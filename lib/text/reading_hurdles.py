"""
What makes a text hard for readers of easy language, as far as it can be counted: in Finnish, Swedish and English, and by its
figures alone in other languages. What Finland's Selkomittari and the Swedish guidelines ask besides, a person has to judge.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from lib.text.facts.detection import facts_in, is_figure
from lib.text.facts.fact import Fact
from lib.text.linguistics.readability import words_in
from lib.text.linguistics.sentences import SHORTENED, markdown_sentences

LONGEST_LINE = 60  # characters of a heading: more than a line of a page in easy language
LONGEST_PARAGRAPH = 50  # words
MOST_NUMBERS = 2  # in a sentence
LARGEST_NUMBER = 10_000  # from here on a number is hard to picture
MOST_CLAUSES = 1  # that hang on the main one

# Words of a sentence, and letters of a word or of one half of "kriisi-puhelin". Finnish puts many words into one, and so needs fewer.
SENTENCE_WORDS = {"fi": 12, "sv": 15, "en": 15}
WORD_LETTERS = {"fi": 17, "sv": 14, "en": 12}
OTHER_LANGUAGES = 15

SENTENCE, CLAUSES, WORD, PASSIVE, NUMBER, NUMBERS, ABBREVIATION, BRACKETS, PARAGRAPH, LINE = KINDS = (
    "sentence", "clauses", "word", "passive", "number", "numbers", "abbreviation", "brackets", "paragraph", "line",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hurdle:
    """One thing that makes a text hard: the `words`, and how many words, letters or characters they are, 0 where that says nothing."""

    kind: str
    words: str
    size: int = 0


# What begins a clause that hangs on another one.
CLAUSES_BEGIN = {
    "fi": frozenset(
        """
        että ettei jotta jottei koska kun jos jollei ellei vaikka joka jonka jota jossa josta johon jolla jolta jolle jona joksi
        jotka joiden joita joissa joista joihin joilla joilta joille mikäli kunnes sillä
        """.split()
    ),
    "sv": frozenset(
        "som eftersom därför fast fastän trots när medan innan tills ifall såvida vilket vilken vilka vars vartill att om".split()
    ),
    "en": frozenset(
        """
        because although though while whereas if when unless until which who whose whom whether that
        """.split()
    ),
}
# Those that begin one only before some words: "om du", not "om vädret"; "att du", not "att komma"; "says that", not "that day".
_PERSONS = frozenset("du ni vi jag han hon hen de den det man någon någonting något alla inte myndigheten".split())
_NO_INFINITIVES = frozenset(
    "alla denna dessa många båda andra inga era våra sina dina mina samma detta barna flera".split()
)
_SHORT_INFINITIVES = frozenset("bo få gå stå se ge ta be le dö tro bli slå nå må ske te sy bry fly".split())
_SAID = frozenset("says say said know knows think thinks means shows so sure hope believe decided".split())

# Abbreviations that readers know are no hurdle.
KNOWN_SHORT = frozenset("klo klo. kl. kl nro nr nr. puh puh. tel tel. no. dr.".split())
ABBREVIATIONS = {
    "fi": frozenset("em. eur jne. ko. ks. ml. os. s. tms. ts. vrt. yms. ym. yo. pv. vko".split()),
    "sv": frozenset(
        "bl.a m.m. m.fl. etc. resp. jfr d.v.s. dvs. dvs s.k. fr.o.m. t.o.m. obs. inkl. exkl. ang. ev. pga. p.g.a.".split()
    ),
    "en": frozenset("etc. incl. excl. vs. a.k.a. asap aka eg ie".split()),
}
KNOWN_CAPITALS = frozenset("EU TV WC OK SMS PDF USA FM AM PM BB".split())

# --- Passive ----------------------------------------------------------------------------------------------------------

# Finnish forms that the endings below do not show.
_FI_PASSIVE = frozenset(
    """
    ollaan tullaan mennään pannaan kuullaan purraan pestään juostaan ajatellaan kuunnellaan noustaan päästään saadaan jäädään
    tehdään nähdään voidaan myydään viedään syödään juodaan käydään lyödään tuodaan luodaan
    tehtiin nähtiin mentiin tultiin oltiin pantiin juostiin pestiin saatiin jäätiin vietiin syötiin juotiin käytiin myytiin
    voitiin lyötiin tuotiin luotiin ajateltiin kuunneltiin noustiin päästiin kuultiin suositellaan suositeltiin suunnitellaan
    suunniteltiin opetellaan harkitaan tarkastellaan käsitellään käsiteltiin esitellään arvostellaan valmistellaan
    """.split()
)
# Nouns and adverbs that end as a passive does: "kuntaan", "enintään", "nettiin".
_FI_NO_PASSIVE = frozenset(
    """
    kuntaan rantaan hintaan pintaan kantaan valtaan iltaan siltaan kultaan sotaan rataan riitaan laitaan pataan sataan dataan
    kertaan enintään vähintään ainoastaan vastaan ylipäätään kanadaan agendaan soodaan raitaan paitaan aitaan hautaan lautaan
    rautaan mutaan kotaan ketään mitään tietään vettään kettään kohdaan taitaan arviotaan
    nettiin internettiin markettiin supermarkettiin pakettiin tablettiin budjettiin kabinettiin hattiin mattiin yksittäisiin vastaisiin
    """.split()
)
_FI_PRESENT = tuple(f"{vowel}{end}" for vowel in "aeiouyäö" for end in ("taan", "tään", "daan", "dään"))
_FI_POSSESSIVES = ("oitaan", "öitään", "eitaan", "eitään", "iltaan", "iltään")  # "asioitaan": their things
_FI_PAST = tuple(f"{vowel}ttiin" for vowel in "aeiouyäö")
_FI_LONG = tuple(f"{vowel}{vowel}ttiin" for vowel in "aeiouyäö")  # "instituuttiin"
_FI_CONDITIONAL = ("taisiin", "täisiin", "daisiin", "däisiin")
_FI_IS = frozenset("on oli ovat olivat ole ollut olleet olisi olisivat lienee ollaan olla".split())
_FI_PARTICIPLES = ("ttu", "tty", "htu", "hty", "stu", "sty", "ltu", "lty", "ntu", "nty", "rtu", "rty")
_FI_NO_PARTICIPLES = frozenset(("tuttu", "hattu", "juttu"))

_SV_ENDINGS = tuple("ades ats ldes ngdes rdes vdes ddes gdes ktes ptes stes ttes as".split())
_SV_GENITIVES = ("rnas", "nnas", "ndenas")  # "skolornas", "kvinnas", "påståendenas"
_SV_PASSIVE = frozenset(
    """
    stängs avstängs ges görs hålls krävs förs införs läggs sätts sänds används undersöks följs förbjuds bestäms byggs säljs köps
    skrivs drivs bjuds vänds dras höjs sänks bärs tas upphävs varnas
    gjordes gavs togs hölls sattes lades förbjöds bestämdes skrevs drevs bjöds avbröts drogs upphävdes
    """.split()
)
# Verbs that are no passive for all that they end as one, and nouns.
_SV_NO_PASSIVE = frozenset(
    """
    finns hoppas andas trivs lyckas misslyckas minns umgås känns låtsas skäms träffas hjälpas svettas kräks vistas hostas synas
    blygas åldras färdas enas samlas saknas undras turas slåss klimats resultats ananas atlas extas texas skolas veckas mammas pappas
    kyrkas allas andras deras vilkas databas areas kalas lyckades misslyckades hoppades vistades träffades
    """.split()
)
_SV_BECOMES = frozenset("blir blev bli blivit".split())
_SV_PARTICIPLES = tuple("ad ade ngd ngda lld llda örd örda övd övda agen agna agit iven ivna juden judna".split())
_SV_NO_PARTICIPLES = frozenset("glad glada skild vild mild allvarlig nöjd rad stad månad skillnad".split())

_EN_IS = frozenset("is are was were be been being am gets get got isn't aren't wasn't weren't".split())
_EN_PARTICIPLES = frozenset(
    """
    made given taken done sent held told kept found known seen written shown put shut brought built bought caught chosen cut
    driven hit left lost paid read said sold set spent spread struck stopped taught thrown forbidden begun broken
    """.split()
)
_EN_NO_PARTICIPLES = frozenset(
    "need red bed tired worried scared interested hundred indeed feed speed seed closed excited bored used married pleased".split()
)
_BETWEEN = 2  # words that may stand between "is" and the participle: "is not yet known"


def passive(words: Sequence[str], language: str) -> Iterator[str]:
    """Yield the passive forms among the words of a sentence; some are missed, for the sake of few that are none."""
    small = [word.lower() for word in words]
    for at, word in enumerate(small):
        before = small[max(0, at - 1 - _BETWEEN) : at]
        is_name = words[at][:1].isupper() and (at > 0 or language == "sv")  # "Lucas" begins sentences, "stängs" few
        if not is_name and _is_passive(word, before, language):
            yield words[at]


def _is_passive(word: str, before: Sequence[str], language: str) -> bool:
    if language == "fi":
        return _is_finnish_passive(word) or bool(
            word.endswith(_FI_PARTICIPLES) and word not in _FI_NO_PARTICIPLES and _FI_IS.intersection(before)
        )
    if language == "sv":
        becomes = _SV_BECOMES.intersection(before[-_BETWEEN:])
        return _is_swedish_passive(word) or bool(
            becomes and word.endswith(_SV_PARTICIPLES) and word not in _SV_NO_PARTICIPLES
        )
    if language == "en":
        is_participle = word in _EN_PARTICIPLES or (word.endswith("ed") and word not in _EN_NO_PARTICIPLES)
        return bool(is_participle and _EN_IS.intersection(before))
    return False


def _is_finnish_passive(word: str) -> bool:
    if word in _FI_PASSIVE:
        return True
    if word in _FI_NO_PASSIVE or len(word) < 6:
        return False
    if word.endswith(_FI_PRESENT):
        return not word.endswith(_FI_POSSESSIVES)
    return word.endswith(_FI_CONDITIONAL) or (word.endswith(_FI_PAST) and not word.endswith(_FI_LONG))


def _is_swedish_passive(word: str) -> bool:
    if word in _SV_PASSIVE:
        return True
    return (
        len(word) > 4
        and word.endswith(_SV_ENDINGS)
        and word not in _SV_NO_PASSIVE
        and not word.endswith((*_SV_GENITIVES, "plats", "insats"))
    )


# --- Sentences, words, numbers ----------------------------------------------------------------------------------------


def clauses(words: Sequence[str], language: str) -> list[str]:
    """Return the words of a sentence that begin clauses which hang on another one."""
    small = [word.lower() for word in words]
    begin = CLAUSES_BEGIN.get(language, frozenset())
    found = []
    for at, word in enumerate(small):
        after = small[at + 1] if at + 1 < len(small) else ""
        before = small[at - 1] if at else ""
        if word in begin and _begins(word, before, after, language):
            found.append(word)
    return found


def _begins(word: str, before: str, after: str, language: str) -> bool:
    if word == "that":
        return before in _SAID
    if language == "sv":
        if word == "om":
            return after in _PERSONS
        if word == "att":
            is_infinitive = (after.endswith("a") and after not in _NO_INFINITIVES) or after in _SHORT_INFINITIVES
            return not is_infinitive and before not in {"därför", "trots"}
        if word in {"därför", "trots"}:
            return after == "att"
    # What asks or what begins a sentence by itself: "Sillä välin", "Vilket är".
    return before != "" or word not in {"sillä", "vilket", "vilken", "vilka", "who", "which"}


def _short_forms(sentence: str, language: str) -> Iterator[str]:
    """Yield the abbreviations of a sentence, and names made of first letters, which nobody can read out."""
    known = ABBREVIATIONS.get(language, frozenset())
    for piece in sentence.split():
        word = piece.strip('()[]"“”’»,;:!?')
        small = word.lower()
        if small in KNOWN_SHORT:
            continue
        bare = word.rstrip(".")
        letters = bare.partition(":")[0].partition("-")[0]
        if small in known or (small in SHORTENED and small not in KNOWN_SHORT):
            yield word
        elif 2 <= len(letters) <= 4 and letters.isalpha() and letters.isupper() and letters not in KNOWN_CAPITALS:
            yield letters


def _numbers(sentence: str, language: str) -> Iterator[Hurdle]:
    found = [fact for fact in facts_in(sentence, language) if is_figure(fact) and fact.written[:1].isdigit()]
    for fact in found:
        if _is_hard(fact):
            yield Hurdle(NUMBER, fact.written)
    places = {(fact.start, fact.end) for fact in found}
    if len(places) > MOST_NUMBERS:
        yield Hurdle(NUMBERS, sentence, len(places))


def _is_hard(fact: Fact) -> bool:
    if fact.kind == "percent":
        return True
    if fact.kind not in {"number", "money", "measure"}:
        return False
    try:
        value = Decimal(fact.value.partition(" ")[0])
    except InvalidOperation:
        return False
    return value >= LARGEST_NUMBER or value != value.to_integral_value()


def _of_sentence(sentence: str, language: str) -> Iterator[Hurdle]:
    words = words_in(sentence)
    if len(words) > SENTENCE_WORDS.get(language, OTHER_LANGUAGES):
        yield Hurdle(SENTENCE, sentence, len(words))
    hanging = clauses(words, language)
    if len(hanging) > MOST_CLAUSES:
        yield Hurdle(CLAUSES, sentence, len(hanging))
    longest = WORD_LETTERS.get(language, OTHER_LANGUAGES + 2)
    for word in words:
        letters = max(map(len, word.split("-")))
        if letters > longest:
            yield Hurdle(WORD, word, letters)
    yield from (Hurdle(PASSIVE, form) for form in passive(words, language))
    yield from _numbers(sentence, language)
    yield from (Hurdle(ABBREVIATION, form) for form in _short_forms(sentence, language))
    if ";" in sentence or "(" in sentence:
        yield Hurdle(BRACKETS, sentence)


def _blocks(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the paragraphs, headings and items of a Markdown text, each with whether it is a heading."""
    block: list[str] = []
    for line in [*text.splitlines(), ""]:
        bare = line.strip()
        is_heading = bare.startswith("#")
        if block and (not bare or is_heading or bare.startswith(("- ", "* ", "+ ", ">"))):
            yield " ".join(block), False
            block = []
        if is_heading:
            yield bare.lstrip("# "), True
        elif bare:
            block.append(bare)


@lru_cache(maxsize=256)  # a text is asked about again after every save of another
def hurdles(text: str, language: str) -> tuple[Hurdle, ...]:
    """Return what makes a Markdown text hard, in the order of the text, each word once."""
    code = language.partition("-")[0]
    found: list[Hurdle] = []
    for block, is_heading in _blocks(text):
        size = len(words_in(" ".join(markdown_sentences(block))))
        if is_heading and len(block) > LONGEST_LINE:
            found.append(Hurdle(LINE, block, len(block)))
        elif not is_heading and size > LONGEST_PARAGRAPH:
            found.append(Hurdle(PARAGRAPH, block, size))
    for sentence in markdown_sentences(text):
        found.extend(_of_sentence(sentence, code))
    return tuple(dict.fromkeys(found))
