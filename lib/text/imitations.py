"""
What in somebody's own words looks like a line of ours: until when something holds, who says it, an address or a code. For words that
stand beside what an authority says, in Finnish, Swedish and English; other languages are compared by names and codes only.
"""

import re
import unicodedata
from collections.abc import Iterable

# Letters of other scripts that look like Latin ones, and signs that do.
LOOKS_LIKE = str.maketrans(
    "АВЕКМНОРСТУХІЈЅабекмнорстухіјѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορτυχı：∶ː․‐‑‒–—―−",
    "ABEKMHOPCTYXIJSabekmhopctyxijsABEZHIKMNOPTYXaiknoptuxi:::.-------",
)
SPELLED = re.compile(r"(?<!\w)(\w)[ .·_*-](?=\w(?!\w))")  # "T H L", "v.a.l.i.d"
VALIDITY = re.compile(
    r"\b(?:valid|in force|effective|applies|applicable|holds)\W{1,3}(?:until|till?|through|thru|from|\d)"
    r"|\bexpire[sd]?\b"
    r"|\bvoimassa\w{0,6}\W{1,3}(?:\w{2,3}\W{1,2})?(?:\d|toistaiseksi|asti|saakka|alkaen)"
    r"|\b(?:asti|saakka|alkaen) voimassa\b"
    r"|\b(?:galler|giltigt?|giltiga)\W{1,3}(?:t ?\.? ?o ?\.? ?m\b|tom\b|till och med|tills vidare|fr\.? ?o|till (?:\w{2,8}\.? )?\d|\d)"
    r"|\b(?:updated|checked|corrected|paivitetty|tarkistettu|korjattu|oikaistu|uppdatera[dt]|kontrollera[dt]|ratta[dt])\W{1,3}(?:\w{2,3}\W{1,2})?\d"
)
BEGINS = ".!?;|/([-\"'*"  # what stands before a sentence, or a line in one
SAID = r"(?:^|[.!?;|/(\[] ?|- ?)(?:#\w{1,30} ){0,3}"
LABEL = re.compile(
    SAID
    + r"(?:source|sources|lahde|lahteet|kalla|kallor|issued by|published by|julkaisija|antaja|utgivare|utfardat av|official(?: \w{1,20})?"
    r"|virallinen(?: \w{1,20})?|officiell\w?(?: \w{1,20})?|tiedote|vaaratiedote|bulletin|warning from|viranomais\w{0,20}|viranomaiset"
    r"|tiedottaa|meddelar|myndighet\w{0,20}|(?:the )?authorit(?:y|ies)|(?:the )?police|poliisi|polisen|(?:the )?government|hallitus|valtioneuvosto|regeringen|statsradet"
    r"|bulletin \d{1,4}|tiedote \d{1,4}|[\w -]{0,40}(?:ministerio|ministeriet)|ministry(?: of \w{1,20}){0,2}|vma|112) ?[:-]"
)
# What an authority does in such sentences: "the police urge everyone …", "STM tiedottaa".
SAYS = (
    r"(?:(?:ha[sd]|have|har|hade|on|ovat|oli) )?(?:tiedottaa|paattaa|paatti|paattivat|paattan\w{2,4}|kertonut|ilmoittanut|linjannut|suositellut|beslutat|meddelat|sagt|berattar"
    r"|kertoo|sanoo|sager|uppger|kehottaa|vahvistaa|ilmoittaa|maaraa|suosittelee|varoittaa|kieltaa|ohjeistaa|linjaa|meddelar|uppmanar|bekraftar|beslutar"
    r"|(?:tiedotta|kerto|sano|kehotta|vahvista|ilmoitta|maaraa|suosittele|varoitta|kielta|ohjeista|linjaa)vat"
    r"|tiedotti|kertoi|sanoi|kehotti|vahvisti|ilmoitti|maarasi|suositteli|varoitti|kielsi|ohjeisti|linjasi|sade|uppgav|meddelade|bekraftade|beslutade|varnade"
    r"|rekommenderar|varnar|forbjuder|sa[iy](?:d|s)?|(?:confirm|announce|advise|warn|order|recommend|urge|decide)(?:s|e?d)?|tells?|told)(?!\w)"
)
SPEAKS = re.compile(
    SAID
    + r"(?:the )?(?:(?:\w{1,20} )?authorit(?:y|ies)|police|poliisi|polisen|government|hallitus|valtioneuvosto|regeringen|statsradet"
    r"|[\w-]{0,30}viranomais\w{0,20}|[\w-]{0,30}myndighet\w{0,20}|[\w-]{0,40}(?:ministerio|ministeriet)|ministry(?: of \w{1,20}){0,2}) "
    + SAYS
)
ACCORDING = re.compile(
    r"\b(?:viranomais(?:en|ten)|poliisin|hallituksen|valtioneuvoston|[\w-]{0,40}ministerion) mukaan\b"
    r"|\benligt (?:myndighet\w{0,20}|polisen|regeringen|statsradet|[\w-]{0,40}ministeriet)\b"
    r"|\b(?:news|message|order|word|statement) from (?:the )?(?:authorit(?:y|ies)|police|government|ministry)\b"
    r"|\baccording to (?:the )?(?:authorit(?:y|ies)|police|government|ministry)\b"
)
OFFICIAL = re.compile(
    r"\b(?:tama on|this is|these are|detta ar|det har ar) (?:\w{1,10} )?(?:virallinen|virallista|official|officiell\w?|viranomais\w{1,20}|myndighet\w{1,20})"
    r"|\b(?:source|lahde|kalla)\W{1,3}[\w-]{1,40}\.[a-z]{2,10}\b"
)
ACRONYM_SPEAKS = re.compile(r"(?:^|[.!?;|/(\[] ?)[\"'*]?([A-ZÅÄÖ]{2,6})\.? (?i:" + SAYS + ")")
ACRONYM = re.compile(r"(?:^|[.!?;|/(\[] ?)[\"'*]?([A-ZÅÄÖ]{2,6}) ?:")
OF_ONES_OWN = frozenset("PS PPS OBS HUOM NB FYI BTW TLDR DIY OMG EDIT AD OK HEI MOI HEJ HI MINÄ MINA JAG ME".split())
# Without marks on letters: a person who is quoted by their name, or in an office: "Sanna Marin: …", "the prime minister says".
KIN = r"(?!(?:Ystavani|Kaverini|Aitini|Isani|Siskoni|Veljeni|Min|My) )"
NAME = r"[A-Z][a-z]{1,30}(?:-[A-Z][a-z]{1,30})?"
PERSON = re.compile(
    r"(?:^|[.!?;|/(\[] ?|- ?)[\"'*]?(" + KIN + NAME + r"(?: (?:von |af )?" + NAME + r"){1,2})(?: ?:| (?i:" + SAYS + "))"
)
# Somebody of one's own, by one name alone: "kaverini Anna sanoi", "my friend Anna said". With two names it may be anybody in the news.
RELATION = (
    r"(?:\w{0,12}(?:ystava|kaveri|kamu|naapuri|sisko|velje|veli|aiti|isa|mummo|mummi|mamma|pappa|ukki|vaari|faari|tati|seta|eno|serkku|kummi|vaimo|puoliso|tyttare|poika|lapse"
    r"|kollega|anoppi|appi|ope|opettaja|valmentaja|kamppikse)(?:ni|mme|si)?|miehe(?:ni|mme|si)|tuttu(?:ni|mme|si)?|tuttava(?:ni|mme|si)?"
    r"|(?:pojk|flick)?van(?:nen)?|\w{0,12}kompis(?:en)?|grannen?|kollegan|(?:stor|lill)?(?:syster|bror)|mor(?:mor|far|bror)?|far(?:mor|far|bror)?|moster|faster|kusin(?:en)?|sambo|fru|son|dotter"
    r"|barn|lararen?|tranaren?"
    r"|(?:boy|girl)?friend|\w{0,6}mate|neighbou?r|colleague|mum|mom|mummy|dad|daddy|mother|father|gran(?:ny|dma|dpa)?|nan|sister|brother|aunt|uncle|cousin|wife|husband|partner"
    r"|daughter|kid|teacher|coach|boss|buddy)"
)
# Those that no name looks like ("Reino" ends as "eno", "Bror" and "Veli" are names).
RELATED = re.compile(
    r"\w{0,12}(?:ystava|kaveri|kamu|naapuri|sisko|velje|aiti|isa|mummo|mummi|mamma|pappa|ukki|vaari|tati|seta|eno|serkku|kummi|vaimo|miehe|puoliso|tyttare|poika|lapse|kollega|anoppi"
    r"|appe|ope|opettaja|valmentaja|kamppikse|tuttava|tuttu)(?:ni|mme|si)"
    r"|(?:tyo|koulu|luokka)?kaveri|ystava|naapuri|(?:pikku|iso)?sisko|(?:pikku|iso)veli|aiti|mummo|mummi|ukki|tati|serkku|kummi|tuttu"
    r"|kompis(?:en)?|\w{1,8}kompis(?:en)?|vannen|grannen?|kollegan|(?:pojk|flick)van(?:nen)?|(?:stor|lill)?syster|(?:stor|lill)bror|mor(?:mor|far|bror)|far(?:mor|far|bror)|moster|kusin(?:en)?"
    r"|(?:boy|girl)?friend|\w{4,6}mate|neighbou?r|colleague|mum|mom|mummy|daddy|mother|father|granny|grandma|grandpa|sister|brother|aunt|uncle|cousin|husband"
)
RELATED_BY_FULL_NAME = re.compile(
    r"(?<!\w)(?i:"
    + RELATION
    + r"|doctor|nurse|laakari(?:ni|mme)?|hoitaja(?:ni|mme)?|lakaren?),? ("
    + NAME
    + r"(?: (?:von |af )?"
    + NAME
    + r"){1,2}),?(?: ?:| (?i:"
    + SAYS
    + "))"
)
OFFICE = re.compile(
    SAID
    + r"(?:(?:the|my|our|min|var|mun|minun|meidan|\w{1,20}ni|\w{1,20}mme|(?:my|our|min|var) \w{1,20}),? ){0,2}(?:(?:\w{1,30})?ministeri|(?:\w{1,30})?minister(?:n)?|prime minister|presidentti|president(?:en)?|ylilaakari|overlakare[n]?|chief physician"
    r"|(?:yli)?pormestari|borgmastare[n]?|mayor|kaupunginjohtaja|stadsdirektor(?:en)?)(?:ni|mme)?(?: [\w-]{1,30}){0,2}(?: ?:| "
    + SAYS
    + ")"
)
# One name alone ("Marin sanoo …") may be a minister's; whom people quote of those around them is listed.
ALONE = re.compile(r"(?:^|[.,!?;|/(\[] ?|- ?)[\"'*]?(" + NAME + r") (?i:" + SAYS + ")")
AROUND_US = frozenset(
    # who, in Finnish, Swedish and English, folded
    "mina sina han hanen se he ne me te tama nama tuo nuo joku jotkut kukaan moni monet kaikki jokainen muut toiset toinen kumpikin itse kuka mika "
    "aiti aitini isa iska mummo mummi mummu mamma pappa ukki vaari faari taata tati eno seta kummi serkku sisko veli velji vaimo mies miesystava tytto poika lapsi "
    "lapset nainen vauva koira kissa kaveri kaverit kamu ystava ystavat tuttu tutut naapuri naapurit pomo kollega tyokaveri ope opettaja opettajat valmentaja rehtori "
    "laakari hoitaja kuski seuraaja seuraajat perhe suku porukka ihmiset ihminen suomalaiset nuoret vanhemmat isovanhemmat kansa some netti huhu huhut viisas sydan jarki "
    "jag du hon hen den det vi ni de man nagon nagra ingen manga alla andra var vem mor far mormor farmor morfar farfar mommo moffa syster bror kusin moster faster morbror "
    "farbror fru frun maken flickvan pojkvan barn barnen barnet mamman pappan kompis kompisen kompisar van vannen vanner grannen granne grannar chefen chef kollegan lararen larare "
    "lakaren foljare familj familjen folk manniskor ungdomar alla hunden katten ryktet rykten natet "
    "i you he she it we they this that these those who someone somebody everyone everybody nobody anyone people many some most others all mum mom mummy dad daddy mother "
    "father granny grandma grandpa gran nan nana sister brother aunt uncle cousin wife husband partner kid kids child friend friends mate mates neighbour neighbours neighbor "
    "neighbors boss colleague teacher coach doctor nurse driver follower followers family folks rumour rumours rumor rumors nothing something everything which what "
    "as and but or so if when because then ja mutta tai jos kun koska niin sitten och men eller om nar sa please now today nyt tanaan idag nu just".split()
)
AROUND_ENDINGS = ("ni", "mme", "nsa", "ja", "jat", "set", "eja", "kaveri", "ystava", "naapuri")
# An address leads away from the card, and a shortened one says not even where. Ends that are words too ("joo.no") need more after them.
ADDRESS = re.compile(
    r"\bhttps?:|\bwww\."
    r"|(?<![\w@.])(?:[\w-]{1,63}\.){1,4}(?:fi|com|net|org|info|eu|ly|io|gl|gg|tv|ru|app|link|site|xyz|shop|online|click|example)\b"
    r"|(?<![\w@.])(?:[\w-]{1,63}\.){1,4}[a-z]{2,10}/[\w-]"
)
CODE = re.compile(r"/c/|(?<![0-9a-z])(?=[a-z]{0,3}\d)[2-9cdfghjkmnpqrtwxy]{4}-[2-9cdfghjkmnpqrtwxy]{4}(?![0-9a-z])")


def found_in(words: str, names: Iterable[str] = ()) -> str:
    """
    Return what in `words` (one line) looks like an end of validity, a source, a code, or something said by one of `names` or by another
    person by name; "" for nothing.
    """
    plain = SPELLED.sub(r"\1", unicodedata.normalize("NFC", words).translate(LOOKS_LIKE))
    if (of := ACRONYM.search(plain)) and of[1] not in OF_ONES_OWN:
        return f"{of[1]}:"
    if by_name := said_by_name(unmarked(plain)):
        return plain[by_name.start() : by_name.end()].strip(" .,!?;|/([\"'*-")
    text = folded(plain)
    for pattern in (VALIDITY, LABEL, SPEAKS, OFFICE, ACCORDING, OFFICIAL, CODE):
        if hit := pattern.search(text):
            return hit[0].strip(" .!?;|/([-")
    return next((name for name in names if speaks(folded(name.translate(LOOKS_LIKE)), text)), "")


def said_by_name(bare: str) -> re.Match[str] | None:
    """Return where something is said by a body or a person by name, in words without their marks."""
    of_body = ACRONYM_SPEAKS.search(bare)
    if of_body and of_body[1] not in OF_ONES_OWN:
        return of_body
    alone = (one for one in ALONE.finditer(bare) if not is_around_us(one[1]))
    whole = (one for one in PERSON.finditer(bare) if not is_by_first_name(one[1]))
    return RELATED_BY_FULL_NAME.search(bare) or next(whole, None) or next(alone, None)


def is_around_us(word: str) -> bool:
    """Return whether a word that begins with a capital tells of somebody whom people know, and is no name of one in the news."""
    bare = folded(word)
    return bare in AROUND_US or bare.endswith(AROUND_ENDINGS)


def is_by_first_name(words: str) -> bool:
    """Return whether words that begin with capitals are a relation and one name: "Kaverini Anna"."""
    relation, _space, name = words.partition(" ")
    return " " not in name and RELATED.fullmatch(folded(relation)) is not None


def is_for_another(name: str, names: Iterable[str] = ()) -> bool:
    """Return whether a person's name is that of an office or an authority, or has one of `names` in it."""
    text = folded(SPELLED.sub(r"\1", unicodedata.normalize("NFC", name).translate(LOOKS_LIKE)))
    words = words_of(text)
    is_named = any(known in words for one in names if (known := words_of(folded(one.translate(LOOKS_LIKE)))).strip())
    return is_named or any(pattern.search(f"{text}:") for pattern in (LABEL, OFFICE))


def words_of(text: str) -> str:
    """Return the words of a text with one space before and after each."""
    return f" {' '.join(re.findall(r'\w+', text))} "


def address_in(words: str) -> str:
    """Return the beginning of an address of the web in `words`, "" for none."""
    hit = ADDRESS.search(folded(SPELLED.sub(r"\1", unicodedata.normalize("NFC", words).translate(LOOKS_LIKE))))
    return hit[0] if hit else ""


def speaks(name: str, text: str) -> bool:
    """Return whether a text is said in a name, both folded: "thl: …", "… - thl", or nothing else."""
    at = text.find(name) if len(name) > 1 else -1
    while at >= 0:
        before, after = text[:at].rstrip(), text[at + len(name) :].lstrip(" \"'*).")
        is_said = after[:1] in {":", "-"} or not after.strip(".!? ") or re.match(SAYS, after)
        if (not before or before[-1] in BEGINS) and is_said:
            return True
        at = text.find(name, at + 1)
    return False


def unmarked(text: str) -> str:
    """Return a text whose letters have no marks, each in its place."""
    return "".join(unicodedata.normalize("NFD", sign)[0] for sign in text)


def folded(text: str) -> str:
    """Return a text in small letters without marks on them, with one space between words."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return " ".join(bare.casefold().split())
