"""
Words of Finnish, Swedish and English that say what a sentence does: deny, forbid, limit, or nothing at all. All stand as
similarity.plain() gives them, in small letters without accents.
"""

from collections.abc import Mapping

# Words that turn a sentence round; the English "t" is of "don't".
NEGATIONS = {
    "fi": frozenset("ei en et emme ette eivat eika eivatka enka ala alkaa alkoon ilman tuskin".split()),
    "sv": frozenset("inte ej icke aldrig ingen inga inget ingenting utan knappast".split()),
    "en": frozenset("not no never nor none nobody nothing cannot without t hardly".split()),
}

# Words that forbid, and so deny too.
BANS = {
    "fi": frozenset("kielletty kiellettya kiellettyja kielletaan kiellettiin".split()),
    "sv": frozenset("forbjudet forbjuden forbjudna forbjuds forbjods".split()),
    "en": frozenset("forbidden banned prohibited".split()),
}

# Words that call a sentence untrue.
DENIALS = {
    "fi": frozenset("valhe valetta valheellista valheellinen vaarin huijaus huijausta myytti perattoman peraton peratonta".split()),
    "sv": frozenset("falskt falsk fel logn ljug myt bluff osant".split()),
    "en": frozenset("false falsely untrue lie lies lied wrong myth hoax fake incorrect".split()),
}  # fmt: skip

# Sayings that have a denying word and deny nothing.
IDIOMS = {
    "fi": ("ei hataa", "ei huolta", "ei haittaa", "ei ongelmaa", "ei mitaan hataa", "ei muuta kuin", "ei ihme", "ei vain",
           "ei vaan", "ei enempaa kuin", "ei epailystakaan", "ala unohda", "alkaa unohtako", "ala huoli", "alkaa huoliko"),
    "sv": ("ingen fara", "ingen panik", "ingen oro", "inga problem", "inget problem", "inga bekymmer", "oroa dig inte",
           "oroa er inte", "glom inte", "inte bara", "inte minst", "inte sant", "inte fler an", "inte mer an", "utan tvekan",
           "utan tvivel"),
    "en": ("no worries", "no worry", "no matter", "no problem", "no problems", "no panic", "no doubt", "no wonder",
           "no kidding", "not only", "not just", "not to mention", "believe it or not", "last but not least", "why not",
           "don t worry", "don t panic", "don t forget", "do not worry", "do not panic", "do not forget", "never mind",
           "can t wait", "cannot wait", "without doubt", "without a doubt", "no more than", "not more than", "no later than"),
}  # fmt: skip

# What may be done or must be, how much at least or at most, from when and until when: where these differ from those of
# the nearest passage, a sentence says something else, whatever stands elsewhere in the bulletin.
WEIGHTY = {
    "fi": frozenset(
        """
        saa saat saan saavat voi voit voivat pitaa taytyy tulee pakko vain ainoastaan vahintaan enintaan
        korkeintaan yli alle ennen jalkeen asti saakka alkaen lahtien kaikki jokainen paitsi enemman vahemman
        """.split()
    ),
    "sv": frozenset(
        """
        far fick kan kunna ska skall maste bor behover bara endast minst hogst mest over under fore efter fran till
        alla utom mer mera mindre
        """.split()
    ),
    "en": frozenset(
        """
        may can could must should need needs only least most fewer less more over under before after from until
        till since by all every everyone everybody except unless
        """.split()
    ),
}

# What people put around a sentence of ours without saying anything else by it.
FILLERS = {
    "fi": frozenset(
        """
        hei heippa hey hi moi moikka morjens terve kaverit kamut ystavat rakkaat ihmiset porukka hyvat seuraajat nyt
        muistakaa muista muistutus huom kiitos siis ja tama oikeesti ihan fyi psst okei ok lue lukekaa
        jaa jakakaa eteenpain
        """.split()
    ),
    "sv": frozenset(
        """
        hej hejsan hallo tja kompisar kompis vanner allihopa folk kara nu kom ihag minns paminnelse obs tack snalla
        alltsa och fyi psst okej ok dela garna vidare
        """.split()
    ),
    "en": frozenset(
        """
        hi hey hello friends friend folks guys dear please now remember reminder note thanks thank you
        and the a an fyi psst ok okay so share
        """.split()
    ),
}

# Words of four letters and more that say nothing about what a text is about.
COMMON = {
    "fi": frozenset(
        """
        aina ainakin asti eika eivat emme enaa ensin ette ettei etta hanen han heidan heita heilla ilman itse jalkeen
        joiden joilla joissa joka jokainen jolla jonka jopa jossa joten jotka jotta juuri kaikki kanssa kautta kerran koko
        koska kuin kuka kuinka kukaan kunnes kuten kyse meidan meilla meista mika mikaan miksi millaan minka minun
        missa mita miten moni mukaan mutta muut myos naita nama niiden niita niin nyt oikeasti olemme olen oleva olisi
        olivat olla olleet ollut onko ovat paljon pitaa saada saako saanut saavat sama samaan sanoo sano sanovat
        samoin seka sellainen siella siina siita sille silloin silla sinulla sinun sitten sita taas tahan taman tama
        tana tassa tasta teidan teilla todella tosiaan tulee tulla tuolla vaan vaikka vain varmasti vasta viela voi voiko
        voitko voisi voivat vuoksi yksi ystava
        """.split()
    ),
    "sv": frozenset(
        """
        alla allt andra annan bara blev blir bort borde dara deras dess dessa detta dina ditt eller efter enligt fast
        fran fick finns fore forre genom gora haft hans hade hela hennes hindra honom igen inga ingen inget innan inte kanske
        kommer kunde kunna lite mana manga maste medan mellan mera mest mina mitt mycket nagon nagot nagra nar
        ocksa olika over redan saga sager samma sedan sina sitt sjalv skall skulle snart sadan sadana sina till
        under uppe utan vad vara varfor varit varje vart vara vems vilka vilken vill visst aldrig ater aven
        """.split()
    ),
    "en": frozenset(
        """
        about after again against also always another anyone anything because been before being between both came come
        could does doing done down each even ever every everyone from going gone have having here herself himself into
        itself just know like made make many maybe mean more most much must myself never none nothing often once only
        other ourselves over people really said same says should since some somebody someone something still such tell
        tells than that their theirs them then there these they thing things this those though told true under until
        upon very want well were what when where which while whom whose will with without would your yours
        """.split()
    ),
}

# The small words that give a language away.
SMALL = {
    "fi": frozenset("ei ja on en se oli ne ole niin kun jos eli nyt".split()),
    "sv": frozenset("och ar att det en som pa av i inte den har for med om man kan du de ett ej".split()),
    "en": frozenset("the of and to is in it you are that not for do be if as or can has was on".split()),
}


def of(words: Mapping[str, frozenset[str]], language: str) -> frozenset[str]:
    """Return the words of a language, none of one that this lexicon does not know; "fi-FI" speaks as "fi" does."""
    return words.get(language.partition("-")[0], frozenset())
