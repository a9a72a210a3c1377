"""
Words that say what is so: open or closed, allowed or forbidden, begun or over. They stand as similarity.plain() gives them; "suljet*" is
every word that begins so.
"""

from .subjects import ALLOWED, FORCE, FREE, NEEDED, OPEN, RUN, SAFE, WORK

# How a word says it: STATE "is open", EVENT "opens" (and is open from then on), END "ends" (and holds until then), BEGIN "begins".
STATE, EVENT, END, BEGIN = "state", "event", "end", "begin"

# (aspect, sign, how): (Finnish, Swedish, English)
ASPECTS: dict[tuple[str, int, str], tuple[str, str, str]] = {
    (OPEN, 1, STATE): ("auki avoinna avoin avoime* palvelee palvelevat", "oppen oppet oppna", "open"),
    (OPEN, 1, EVENT): ("avataan avata avataa avautu* aukea aukeaa aukeavat aukee aukesi aukesivat avattiin avaa avaavat avasi avaudu", "oppnar oppnas oppnade oppnades oppnats ateroppn*", "opens opened reopen*"),
    (OPEN, -1, STATE): ("kiinni kii suljettu* suljetut suljettuna sapissa lukossa lukittu*", "stangd stangt stangda igenbomm*", "closed shut locked sealed"),
    (OPEN, -1, EVENT): ("suljetaan sulkeutu* sulkee suljettiin sulkevat sulje sulkekaa", "stanger stangs stangdes stang", "close closes closing shuts"),
    (RUN, 1, STATE): ("kulkee kulkevat kulje kulkea kulkisi liikennoi* kulkeutu* ajaa ajavat aja rullaa rullaavat liikkuu liikkuvat", "gar kor avgar trafikerar kors gick rullar", "run runs running operate operates departs depart leaves rolling"),
    (RUN, -1, STATE): ("peruttu* perutaan perut seis seisoo seisovat", "installd* installs installt", "cancelled canceled suspended halted"),
    (WORK, 1, EVENT): ("palaa palaavat palautu* palannut palanneet takaisin takas", "tillbaka aterstalld* atervander", "back restored returns return"),
    (WORK, -1, STATE): ("poikki pois katki", "borta brutet avstangd*", "out off down"),
    (FORCE, 1, STATE): ("voimassa jatkuu jatkuvat jatku jatketaan paalla kestaa kestavat pidenne*", "galler fortsatter forlangs forlangd* forlangt varar gallde paga* pagar", "force effect continue continues lasts last extended remain remains"),
    (FORCE, 1, BEGIN): ("alkaa alkavat alkoi alkoivat alka astuu", "borjar borjade inleds trader startar startade", "begin begins began start starts started"),
    (FORCE, 1, END): ("keskeyty* lakkaa lakkaavat paatty* loppuu loppuvat loppui loppuivat loppunut* loppu loppuneet kumottu* kumotaan puretaan purettu* poistetaan poistettu* ohi paattynyt*",
                      "avbryts avbryter avbrots slutar slutade slut upphor* upphort upphavd* havs havd* havts avslut* forbi", "stop stops stopped end ends ended finish* lifted expire* expired finished"),
    (ALLOWED, 1, STATE): ("saa saat saan saavat saada sa voi voit voidaan voivat paasee paasevat paase paasta sallit* salli* tervetul* luvalli* saisi",
                          "far fa fatt tillatet tillaten tillatna kan valkom*", "may can allowed permitted welcome able"),
    (ALLOWED, -1, STATE): ("kiellet* kielto* kiellos* valta valttaa valttakaa valtettava", "forbjud* forbud* eldningsforb* eldforb* undvik*", "banned ban bans forbidden prohibited illegal avoid avoids"),
    (NEEDED, 1, STATE): ("suosit* pitaa pida taytyy pakko pakolli* vaadita* vaaditaan tarvitse* tarvii tarvi tarvita* tarttee tarvitaan edellyt*", "rekommend* bor maste ska skall kravs kraver krav obligatorisk* behov* behover mste", "recommend* should must need needs needed mandatory required requires require compulsory obligatory"),
    (NEEDED, -1, STATE): ("vapaaehto*", "frivillig* slipper", "optional voluntary"),
    (SAFE, 1, STATE): ("turvalli* juotavaa juotava puhdas puhdasta juomakelpoi* kunnossa", "saker sakert sakra rent ren drickbart tjanligt", "safe clean drinkable potable"),
    (SAFE, -1, STATE): ("vaaralli* myrkyl* saastu* juomakelvot* likai*", "farlig* giftig* fororen* otjanlig* smutsig*", "unsafe dangerous contaminated poison* toxic polluted"),
    (FREE, 1, STATE): ("ilmai* ilmane* ilmas* maksuto* maksut*", "gratis avgiftsfri* kostnadsfri*", "free"),
    (FREE, -1, STATE): ("maksaa maksavat maksulli* maksa hinta", "kostar kosta avgiftsbel* betala", "cost costs pay paid charge charged"),
}  # fmt: skip

# Words that say only that it is so, or not so: of what, the subject says. "Takeaway works."
WELL = (
    "toimii toimivat toimi onnistuu normaali* normisti okei ok tavallisesti tavalliseen pyorii pyorivat", "funkar fungerar fungera vanligt normalt ok okej", "works work working fine ok okay normally usual normal",
)  # fmt: skip
ILL = (
    "*katko* poikki seis peruttu* perut perutaan",
    "*avbrott* installt installd* stopp nere",
    "cancelled canceled off down outage",
)

# Words that keep what is ("stays closed"), or turn "closed" into an event ("menee kiinni"); being makes "open" a state.
STAYS = (
    "pysyy pysyvat pysyneet on ovat ei oo edelleen yha vielakin viela", "forblir ar e fortfarande ligger halls", "stay stays remain remains is are still kept be r",
)  # fmt: skip
BECOMES = ("menee menevat meni mennaan laitetaan laitettiin pannaan", "blir", "goes go")

NEGATIONS = (
    "ei en et emme ette eivat eika eivatka enka ilman tuskin alkoon", "inte ej icke aldrig ingen inga inget ingenting utan knappast varken",
    "not no never nor none nobody nothing cannot without hardly nowhere",
)  # fmt: skip
NOBODY = ("kukaan mikaan mitaan", "ingen ingenting inget", "nothing nobody none nowhere")
WITHOUT = ("ilman", "utan", "without")
ONLY = ("vain vaan ainoastaan pelkastaan pelkka", "bara endast enbart", "only solely")
OTHERS = (
    "muut muita muiden muissa muihin muista muilla muille loput loppuja", "andra ovriga resterande", "other others remaining",
)  # fmt: skip
ALL = (
    "kaikki kaikille kaikkia kaikkien kaikissa kaikkialla kaikenik* koko jokainen jokaise* kukin", "alla allt hela samtliga varje vem alle",
    "all every everyone everybody whole entire anyone anybody everywhere any",
)  # fmt: skip
# Days and seasons that a bulletin names by their dates.
FEAST = (
    "joulu joulun jouluksi jouluks jouluun jouluna paasiai* juhannu* vapuksi vapun vappuun itsenaisyyspai* uudenvuod* kesaks kesaksi kevaaks kevaaksi",
    "jul julen pask pasken midsommar* nyar nyaret sommaren varen", "christmas easter midsummer xmas summer spring",
)  # fmt: skip
# What "all" may be of without meaning everybody or everything.
TIMES = (
    "viikon viikonlopun kuukauden paivan vuorokauden talven kevaan kesan syksyn vuoden ajan", "vecka veckan helgen manad manaden dag dagen dygnet vintern varen sommaren hosten aret tiden",
    "week weekend month day night winter spring summer autumn year time",
)  # fmt: skip
ENTRY = (
    "paasee paasevat paase paasta sisaan sisalle mennaan menna kayda asioida",
    "in kom kommer komma ingang ga handla",
    "inside enter entry visit go get",
)
IF = ("jos mikali", "om ifall", "if when")

MOST = ("enintaan korkeintaan max maks maksimi maksimissaan", "hogst max maximalt", "max maximum")
LEAST = ("vahintaan vah min minimi", "minst minimum atminstone", "min minimum")
ABOVE = ("yli tayttan* tayttane*", "over fyllt fyllda aldre", "over above older aged")
BELOW = ("alle", "under yngre", "under below younger")
AT_ONCE = ("kerrallaan kerralla samanaika* yhtaaikaa", "gangen samtidigt at-gangen", "time once")

# Where a day stands in a sentence: until it, from it on, or before it.
UNTIL_AFTER = ("asti saakka loppuun mennessa", "", "")
UNTIL_BEFORE = ("", "till tills tom", "until till through by thru")
FROM_AFTER = ("alkaen lahtien jalkeen", "", "onwards")
FROM_BEFORE = ("", "fran from fom sedan efter", "from since starting after")
BEFORE = ("ennen", "fore innan forran", "before")
FIRST_THEN = ("vasta", "forst", "first")

# What makes a sentence nobody's assertion: said by others, wished, imagined, asked, or of another time.
REPORTED = (
    "vaitti vaittaa vaittavat vaite huhu* huhuil* kuulemma kuulin sanoi sanoo* kerto", "pastar pastod rykte* sags hort horde sager", "claims claim claimed rumour* rumor* told heard says saying said apparently allegedly",
)  # fmt: skip
WISHED = (
    "toivottavasti kunpa olisi olis oisi ois saisipa kuvittele* haaveil* pitaisi pitais", "hoppas onskar tank skulle hade vore fantisera*", "hope hopefully wish imagine would",
)  # fmt: skip
PAST = ("oli olivat olin silloin viimeksi aikoinaan", "var forra fjol tidigare", "was were used ago")
OWN = ("mun minun meidan meijan uus uusi", "min mitt mina vår vårt våra ny nya nytt", "my our new his her")
# How a clause begins that is told or asked, and not said.
TOLD_OF = ("mista miten kuinka miksi minka", "hur varfor varifran vart", "how why")
QUESTIONS = (
    "onks onkse onkohan onkos saaks voiks paaseeks pitaaks tarviiks tarviiko kulkeeks aukeeko aukeaako mahtaako mita mika missa milloin miksi kuka ketka onko saako voiko paaseeko pitaako koskeeko tietaako kuinka miten kulkeeko* kulkeekohan", "vad nar var varfor vem hur vilka vilken nan-som",
    "what when where why who how do does is are can will should anyone",
)  # fmt: skip
REFUTED = (
    "ei pida paikkaansa|ei pida paikkansa|ei ole totta|ei oo totta|valetta|valhetta|puppua|roskaa|vaarin|huhu on vaara|ei ole niin|se on vale|perataonta|fake",
    "stammer inte|inte sant|ar falskt|ljug|logn|fel information|ar fel|helt fel|pahittat|nonsens|struntprat",
    "not true|isn t true|is false|fake|myth|hoax|a lie|nonsense|wrong info|that s wrong|untrue|debunked|no they didn t|no it didn t|not correct",
)  # fmt: skip

# Slips and spoken words → as it is written, before dates and numbers are read.
SPOKEN: dict[str, dict[str, str]] = {
    "fi": {
        "kii": "kiinni", "ens": "ensi", "viel": "vielä", "huomen": "huomenna", "sunnuntain": "sunnuntain", "yks": "yksi", "kaks": "kaksi", "viis": "viisi", "kuus": "kuusi",
        "toukok": "toukokuuta", "huhtik": "huhtikuuta", "väh": "vähintään", "älä": "ei", "älkää": "ei", "äl": "ei", "älkäät": "ei", "max": "enintään", "112": "hätänumero",
        "oo": "ole", "minsaa": "minuuttia", "ny": "nyt", "enää": "enää", "tänää": "tänään", "maanantai": "maanantaina", "kokonaan": "kokonaan", "kaikkii": "kaikkia",
    },
    "sv": {
        "e": "är", "o": "och", "oxå": "också", "tom": "till och med", "fom": "från och med", "asså": "alltså", "nån": "någon", "nåt": "något", "tors": "torsdag", "ons": "onsdag",
        "112": "nödnumret", "imorn": "imorgon", "imorrn": "imorgon", "idag": "idag", "pers": "personer", "sept": "september", "max": "högst", "sen": "sedan",
    },
    "en": {
        "til": "until", "till": "until", "tmrw": "tomorrow", "tmr": "tomorrow", "2moro": "tomorrow", "ur": "your", "u": "you", "r": "are", "rn": "right now", "tho": "though", "ppl": "people",
        "w": "with", "w/o": "without", "dont": "do not", "cant": "can not", "wont": "will not", "isnt": "is not", "arent": "are not", "doesnt": "does not", "didnt": "did not",
        "neednt": "need not", "shouldnt": "should not", "wasnt": "was not", "aint": "is not", "cannot": "can not", "112": "emergencynumber", "911": "emergencynumber", "999": "emergencynumber", "thru": "through", "pls": "please",
    },
}  # fmt: skip
# What is said before anything else is read, as regular expressions over the text as written → what it means.
SAYINGS: dict[str, tuple[tuple[str, str], ...]] = {
    "fi": (
        (r"\bu(?:ude(?:lla|lta|lle|ssa|sta|n)|us|utta)maa(?:lla|lta|lle|ssa|sta|n|ta)?\b", "Uusimaa"), (r"\bulkotilaisuu", "ulkona tilaisuu"), (r"\bsisätilaisuu", "sisällä tilaisuu"),
        (r"\bet\b(?!\s+(?:saa|voi|pääse|tarvi|tartte|joudu|ole|oo))", "että"), (r"\bei\s+mitään\s+hätää\b|\bei\s+hätää\b|\bei\s+paniikkia\b|\bei\s+huolta\b", " "), (r"\bei\s+korvaa\b([^.!?\n]{0,80}?)\beikä\b", r"pakko\1ja"), (r"\bei\s+korvaa\b", "pakko"), (r"\bvaikea\w*\s+välttää\b", " "), (r"\btavata\s+(?:muita|ystäviä|ihmisiä)\b", "tapaaminen"), (r"\bei\s+vain\b|\bei\s+vaan\b", "myös "), (r"\bminuutti\s+riit", "1 minuutti riit"),
        (r"(\w)\s*=\s*(\w)", r"\1 on \2"), (r"\b(\d{1,3})\s?v\b", r"\1-vuotiaat"), (r"\b(\d{2})\s?\+", r"yli \1-vuotiaat"), (r"\b(\w+)kuun\s+lop\w+", r"\1kuun viimeinen"), (r"\bnähää\b", "nähdään"),
        (r"\bn(?:iin\s*kuin|iin\s*ku|iinkuin|iinku)\s+(?:ennen|aina|aiemmin|tavallisesti)(?:kin|ki)?\b|\bentiseen\s+tapaan\b", "normaalisti"), (r"\bpysy(?:kää|ä|tään)?\s+(?:pois|poissa|kaukana)\b", "ei saa mennä"), (r"\bvaan\s+kävellä\b", "kävellä"),
        (r"\b(mask\w*)\s+(?:naamalle|naamaan|kasvoille|päähän)", r"käytä \1"), (r"\baikaa\s+ei\s+(?:tarvi\w*|tarvitse)\s+varata\b", "ei tarvitse ajanvarausta"),
        (r"\btakeaway\b", "noutoruoka"), (r"\b(?:irti|irrallaan|vapaana)\b", "ilman hihnaa"), (r"\bsaa\s+(?:odottaa|oottaa|odotella)\b", "ei nyt"),
    ),
    "sv": (
        (r"\b(\w*(?:land|botten|karelen))s?(gräns(?:en|er|erna)?|begränsning\w*|restriktion\w*)\b", r"\2 i \1"),
        (r"\bt\.?\s?o\.?\s?m\b\.?", "till och med"), (r"\bf\.?\s?r\.?\s?o\.?\s?m\b\.?", "från och med"), (r"\bingen\s+(?:panik|fara|oro)\b|\binga\s+problem\b", " "),
        (r"\b(?:precis\s+)?som\s+(?:förr|förut|tidigare|alltid|innan)\b", "som vanligt"), (r"\bdet\s+går\s+att\b", "man kan"), (r"\bman\s+kommer\s+in\b", "man får komma in"), (r"\bta\s+med\s+(?=munskydd|mask|leg\b|intyg|biljett)", "använd "), (r"\bär\s+på\s+igen\b", "är tillbaka"), (r"\bhåll(?:\s+(?:er|dig))?\s+borta\s+från\b", "man får inte gå på"), (r"\bpå\s+med\s+(?=munskydd|mask)", "använd "),
        (r"\bingen\s+tid\s+behövs\b", "ingen tidsbeställning behövs"), (r"\b(bokar?|boka)\s+tid\b", r"\1"), (r"\brullar\s+på\b", "fungerar"),
        (r"\bstår(\s+\w+)?\s+still\b", r"\1 inställt"), (r"\binte\s+bara\b", "utöver"), (r"\bär\s+över\b|\bär\s+slut\b|\bär\s+förbi\b", "slut"), (r"\ben\s+minut\s+räck", "1 minut räck"), (r"\bnödnumret\s+nödnumret\b", "nödnumret"),
        (r"\b(\d{2})\s?\+", r"över \1 år"), (r"\bvad\s+som\s+helst\b", " "), (r"\bkom\s+bara\b", "kom"), (r"\bbara\s+att\b", "att"), (r"\bersätter\s+(?:inte|varken)\b", "kräver"), (r"\bsvårt\s+att\s+undvika\b", " "), (r"\bträffa\s+(?:andra|vänner|folk)\b", "umgänge"), (r"\bgår\s+bra\b", "ok"), (r"\bfår\s+vänta\b", "inte nu"), (r"\bgå\s+ut\b", "utomhus"), (r"\bspringa\s+lös\w*|\bgå\s+lös\w*|\blösa\b", "utan koppel"),
    ),
    "en": (
        (r"n['’]t\b", " not"), (r"\bno\s+(?:worries|panic|doubt|problem|kidding)\b", " "), (r"\b(?:do\s+not|don'?t)\s+(?:panic|worry|forget)\b", " "), (r"\bca\s+not\b", "can not"), (r"\bwo\s+not\b", "will not"),
        (r"\bcan(?:\s?not|'?t)?\s+wait\b", " "), (r"\bno\s+more\s+than\b|\bat\s+most\b|\bup\s+to\b", "max"), (r"\bat\s+least\b", "minimum"), (r"\bno\s+later\s+than\b", "by"), (r"\bnot\s+(?:only|just)\b", "also"),
        (r"\b(?:is|are)\s+over\b", "is ended"), (r"\b(?:has|have)\s+to\b", "needs"), (r"\ba\s+minute\s+is\b", "1 minute is"), (r"\b(\d{2})\s?\+", r"over \1"),
        (r"\bfrom\s+(1?\d|2[0-4])\s+to\s+(1?\d|2[0-4])\b(?!\s*[a-z%€$])", r"from \1:00 to \2:00"),
        (r"\b(?:as|like|same\s+as)\s+(?:before|always|normal|ever|any\s+other\s+day)\b", "normally"), (r"\bis\s+on\s+again\b|\bback\s+on\b", "is back"), (r"\b(?:stay|keep)\s+(?:off|away\s+from)\b", "not allowed on"), (r"\bat\s+a\s+stand\s?still\b", "halted"), (r"\blet\s+you\s+in\b", "open"), (r"\bback\s+(?:to|at)\s+(?=school|work|daycare|nursery|university)", "go normally to "),
        (r"\bas\s+of\b", "from"), (r"\bright\s+now\b", "now"), (r"\bas\s+usual\b", "normally"), (r"\bturn(?:ed)?\s+off\b", "off"),
        (r"\bclose\s+to\b", "near"), (r"\boutside\s+(?:of\s+)?(?=the\s)|\bother\s+than\b", "elsewhere "), (r"\bdo(?:es)?\s+not\s+replace\b", "needs"), (r"\bhard\s+to\s+avoid\b", " "), (r"\bmeet\s+(?:others|people|friends|other\s+people)\b", "socialising"), (r"\bstate\s+of\s+emergency\b|\bemergency\s+(?:conditions|powers)\b", "emergencystate"), (r"\bcan\s+wait\b", "not now"), (r"\brun\s+(?:free|loose)\b|\boff\s+(?:the\s+)?(?:lead|leash)\b", "without lead"), (r"\bcash\s+machines?\b|\bATMs?\b", "atm"), (r"\bgo(?:ing)?\s+out\b(?!\s+of)", "outdoors"), (r"\b(?:contact|classroom)\s+teaching\b", "school"), (r"\b(?:stay|keep)\s+out\b", "not enter"),
    ),
}  # fmt: skip

# First words of those who tell others to go: it is allowed then.
GO = (
    "lahde mene matkusta ui juo vieraile",
    "ak res kom besok bada drick elda grilla",
    "go travel come visit swim drink",
)

# Who is told to do it by the first word: bring, keep, wear.
DO = (
    "ota ottakaa kayta kayttakaa pida pitakaa muista varaa",
    "ta ha anvand hall boka tank",
    "bring take use wear keep carry book put",
)
NOW = ("heti valittomasti nyt", "genast direkt omedelbart nu", "immediately now")
WHEN = ("kun ku", "nar", "when once")

# What is said of everything else: "outside the centre there is no need".
EXCEPT = (
    "muualla muiden muut muilla paitsi ulkopuolel* lukuunottamatta",
    "utanfor forutom annanstans ovriga",
    "elsewhere except",
)
STILL = ("viela vielakaan viel toistaiseksi tanaan", "an annu", "still yet today")

# Words that stand for what was spoken of before.
PRONOUNS = (
    "se ne niita sita niiden sen nama tama vaatimus saanto kielto maarays",
    "den det de dem denna dessa kravet regeln forbudet",
    "it they them this these rule requirement",
)

# Conjunctions at which a sentence falls into clauses, each of which says something by itself.
JOINTS: dict[str, str] = {
    "fi": "mut mutta vaikka joten koska sillä eli kunnes kunhan jos mikäli",
    "sv": "men fast trots så eftersom medan om ifall",
    "en": "but although though because so while despite if",
}

# Places that a bulletin may not be about: what is said of them is said of somewhere else.
ELSEWHERE = (
    "ruotsi* viro* norja* tanska* saksa* espanja* italia* venaj* usa* britan* lappi* lapi* helsin* espoo* vantaa* turku* turu* tamper* oulu* rovaniem* vaasa* kuopio* lahti* lahde* jyvaskyl* tallinna* tukholma*",
    "sverige* estland* norge* danmark* tyskland* spanien* italien* ryssland* usa* helsingfors* esbo* vanda* abo* tammerfors* uleaborg* vasa* lappland* stockholm* tallinn*",
    "sweden* swedish estonia* norway* denmark* germany* spain* italy* russia* usa uk london* helsinki* espoo* vantaa* turku* tampere* oulu* lapland* stockholm* tallinn*",
)  # fmt: skip

# Words that say nothing of what a sentence is about, besides those of the lexicon.
EMPTY: dict[str, str] = {
    "fi": "mihinkaan minnekaan suoraan etukateen pesta pese peset edes myos jopa muuten moi hei jes jo nyt kuka eli ihan vaan sit sitten kaikki mut ja on ovat se sen tai kun ku et etta joku muista muistakaa muistutus huom ens ensi jengi taas siis kyl kylla naa nää oikeesti vihdoin just joten tosi enaa enää paljon viela vielä edelleen yha ois olla ole olet oot sulta sulle mulla mulle tama tämä siella sielta nii niin kans kanssa mars hyvin huvittaa minne mene menna mennaan menee meet menette tulee tule voimassa koskee muualla jatkossa aikana takia alkaen asti saakka paiva paivaa viikko viikon klo kello",
    "sv": "ingenstans forhand ens oxa ocksa aven hej asså alltsa redan nu dar da det den de som att och i pa av en ett man vi ni jag du er han hon sig ses bara lite kom ihag obs tack fran till med for om kvar igen ju val sa nan nagon ar har blir koll dag dagar vecka kl klockan gar galler kl",
    "en": "anywhere straight advance keep keeps even also too hi hey omg btw psa lol the a an and or of in on at to for it is are was be you your we they i this that there here now still more any as if please reminder stay stays day days week time ok yes oh so go get will pm am its",
}  # fmt: skip
