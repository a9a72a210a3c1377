"""
Words before a number that make it a name ("road 4", "sivulla 7", "fas 2"), and what a text counts of itself ("three things to remember").

Finnish ones are bent here, so only their stems are listed: "luokka luoka" is luokka, luokan, luokalla, luokat …
"""

from functools import cache

_FINNISH = """
aikataulu|alue aluee|artikla|asema|asetus asetukse|asunto asunno|aalto aallo|direktiivi|erä|hakemus hakemukse|halli|huone huonee|hätäviesti|
ilmoitus ilmoitukse|juna|kaista|kanava|kappale kappalee|kartta karta|kerros kerrokse|kohta kohda|koodi|kuva|kysymys kysymykse|kylä|laituri|laki lai|
lento lenno|liite liittee|linja|lista|lohko loho|lokero|lomake lomakkee|luku luvu|luokka luoka|malli|moottoritie|lämpökeskus lämpökeskukse|numero|ohje ohjee|
opas oppaa|osa|osasto|osio|ovi ove|painos painokse|parkki|piiri|portti porti|prioriteetti prioriteeti|pumppu pumpu|pykälä|pysäkki pysäki|pysäkkiväli|päätös päätökse|
päivitys päivitykse|raide raitee|raitiotie|raitiovaunu|rappu rapu|ratikka ratika|reaktori|reitti reiti|rivi|ryhmä|sali|seututie|kiertotie|kantatie|maantie|
valtatie|yhdystie|ohitustie|rautatie|sivu|sopimus sopimukse|suositus suositukse|taajuus taajuude|talo|taso|taulukko tauluko|terminaali|tie|tiedote tiedottee|tila|tunnus tunnukse|
vaihe vaihee|versio|viesti|vuoro|vyöhyke vyöhykkee|väestönsuoja|yksikkö yksikö|yksikko|ydinviesti|pääviesti|bussi|bussilinja|kappeli|torni|silo|säiliö|lukko luko|kone konee|
ambulanssi|partio|joukkue joukkuee|kierros kierrokse|erillisohje erillisohjee|vaunu|tilannepäivä|päivä|muuntaja|voimala|kaivo|sisäänkäynti sisäänkäynni|hissi|siipi siive|liittymä|tyyppi tyypi|rasti|piste pistee|vesipiste vesipistee|etappi etapi|
kategoria|luukku luuku|kassa|asiointipiste asiointipistee
"""
_FINNISH_AS_IT_IS = "vt kt st mt yt s ss as rak krs puh_ nro no nr vko viikko viikolla viikkoon viikosta viikon pl ios android windows vs n:o id kls § paina"
_ENDINGS = ("", "n", "lla", "llä", "lle", "lta", "ltä", "ssa", "ssä", "sta", "stä", "an", "än", "en", "on", "un", "in", "yn", "ön", "hen", "seen", "a", "ä", "ta", "tä", "na", "nä", "ksi")  # fmt: skip
_PLURAL = "t"
_SWEDISH = (
    "buss bussen busslinje busslinjen linje linjen spårvagn spårvagnen väg vägen riksväg regionalväg stamväg landsväg motorväg omväg förbindelseväg rv fas fasen steg "
    "tabell tabellen sida sidan sid s kapitel artikel artikeln paragraf bilaga bilagan version versionen ios android windows gate flyg flyget tåg tåget spår spåret hållplats "
    "hållplatsen perrong perrongen zon område grupp gruppen vecka veckan v rum rummet sal salen dörr dörren nivå nivån parti fack box nr no nummer numret förordning "
    "förordningen lag lagen pb punkt punkten vån våning våningen klass klassen huvudbudskap nyckelbudskap budskap bulletin reaktor reaktorn enhet enheten station "
    "stationen terminal terminalen körfält fil skyddsrum hus lägenhet lgh avdelning avdelningen våg hall hallen kanal kanalen blankett blanketten bild bilden karta kartan "
    "tryck § dos dosen del delen lägesdag skift turen tur modell kod koden port porten rad raden lista listan studio "
    "frekvens frekvensen distrikt direktiv anvisning anvisningen ärende trappa trappan årskurs bana banan kvarter block ambulans patrull "
    "sluss slussen tidtabell tidtabellen rapport rapporten bulletinen meddelande regel fråga avsnitt scen övning torn ruta rutan ingång ingången hiss avfart typ lucka luckan kassa kategori protokoll etapp vattenpunkt"
)
_SWEDISH_PLURAL = (
    "avfarterna kassorna kassa amb pump bussarna spårvagnarna tågen vägarna vägar bussar busslinjerna linjerna linjer artiklarna artiklar sidorna sidor s byarna husen ambulanserna paragraferna stationerna "
    "våningarna faserna grupperna klasserna årskurserna hållplatserna perrongerna körfälten kapitlen rummen pumparna flygen punkterna tabellerna stegen patrullerna enheterna"
)
_ENGLISH = (
    "bus line tram route road motorway highway hwy section paragraph message question point § chapter article annex version ios android windows step phase stage table page p pp "
    "figure gate flight train room bay platform exit zone area district building door locker box item no nr floor track regulation act lot level part fault appendix class volume "
    "issue update bulletin reactor unit station terminal pier lane stop shelter house flat ward wave shift team hall channel form press map lock port pump "
    "studio apartment block rule lesson picture photo image slide priority guideline guide directive report list row code error detour village village timetable tip model alert "
    "dose grade group day number key sector tower well substation transformer ambulance crew patrol case file article annexe frequency category apt scene entrance lift elevator junction type wing corridor counter ticket postcode protocol pier"
)
_ENGLISH_PLURAL = (
    "junctions exits tills trains flights buses lines trams routes roads motorways highways sections paragraphs chapters articles annexes versions steps tables pages pp gates rooms bays lockers zones "
    "messages questions points units villages stops pumps lanes platforms floors levels houses flats figures maps channels forms ambulances crews sectors districts grades groups "
    "numbers stations terminals wards wells blocks buildings"
)
# Those of them that are also made with another noun before: hätäkeskusviesti 3, luokkarum 12. Not "luku": asukasluku 300 is a count.
_HEADS = {
    "fi": tuple(
        "tie tien tietä tiellä tielle linja linjan linjalla sali salin salissa huone huoneen huoneessa luokka luokan luokassa ryhmä ryhmän portti portin portilla taulukko "
        "lomake lomakkeen lomakkeella versio version vaihe vaiheen vaiheessa taso tason tasolla tasolle kanava kanavan kanavalla viesti liite laituri laiturilta laiturilla "
        "kaista kaistan kartta yksikkö asema terminaali reaktori asetus direktiivi".split()
    ),
    "sv": tuple(
        "väg vägen linje linjen sal salen rum rummet klass klassen grupp gruppen port tabell blankett version fas nivå kanal bilaga perrong körfält station terminal "
        "reaktor förordning direktiv karta".split()
    ),
}  # fmt: skip

# What a text counts of itself, right after its number.
_PARTS = {
    "fi": tuple(
        "asia asiaa asian teko tekoa teon vinkki vinkkiä vinkin neuvo neuvoa neuvon tapa tapaa tavalla syy syytä syystä kysymys kysymystä kysymykseen kysymyksen vaihetta vaiheessa kohtaa "
        "pointtia ohjetta ohjeen sääntöä säännön askelta askelen askeleen lausetta sanaa sanan pääviestiä ydinviestiä virhettä virheen seikkaa esimerkkiä perustelua "
        "väitettä toimenpidettä ehtoa".split()
    ),
    "sv": tuple(
        "sak saker råd tips sätt skäl fråga frågor steg punkt punkter regel regler mening meningar ord budskap huvudbudskap nyckelbudskap misstag exempel påståenden "
        "anledningar orsaker åtgärder villkor".split()
    ),
    "en": tuple(
        "thing things tip tips way ways reason reasons question questions steps rule rules sentence sentences word words mistakes points facts myths examples claims "
        "minds thirds quarters fifths tenths hundredths thousandths".split()
    ),
}  # fmt: skip
# Of fractions in words: kaksi kolmasosaa, två tredjedelar.
_FRACTIONS = {
    "fi": ("sosaa", "sosan", "sosasta", "nnesta", "nneksen", "nnekselle"),
    "sv": ("delar", "delarna"),
    "en": (),
}
MOST_PARTS = 12  # of more, a text makes no list


@cache
def names(language: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the words before one number that is a name, and those before several."""
    if language == "sv":
        return frozenset(_SWEDISH.split()), frozenset(_SWEDISH_PLURAL.split())
    if language == "en":
        return frozenset(_ENGLISH.split()), frozenset(_ENGLISH_PLURAL.split())
    if language != "fi":
        return frozenset(), frozenset()
    one, several = (
        set(_FINNISH_AS_IT_IS.split()),
        set(
            "valtateille valtateillä valtateiden teille teillä linjoilla linjoille linjoilta sivuilla sivuilta tiet teiden bussit bussien busseilla junien luokkien linjojen lokeroista liittymien".split()
        ),
    )
    for row in _FINNISH.replace("\n", "").split("|"):
        nominative, _space, weak = row.partition(" ")
        weak = weak or nominative
        one |= {nominative} | {weak + ending for ending in _ENDINGS if ending} | {nominative + "a", nominative + "ä"}
        one |= {nominative + nominative[-1] + "n"}
        several |= {weak + _PLURAL}
    return frozenset(one - {"päiviä", "osan", "osa"}), frozenset(several - {"paikat", "osat", "päivät"})


def is_head(word: str, language: str) -> bool:
    """Return whether a word ends with one that makes the number after it a name."""
    return word.endswith(_HEADS.get(language, ())) if len(word) > 6 else False


def is_part(word: str, language: str) -> bool:
    """Return whether a word after a number says that a text counts itself, or that the number is a part of a fraction."""
    return word in _PARTS.get(language, ()) or word.endswith(_FRACTIONS.get(language) or ("\0",))
