"""
Words that a count may follow: "over 40", "oli 12", "bara 3". Any other noun in its plain form before digits is what they name: "tank 2",
"silta 118", "kandidat 128". A noun that is one of several ("tests 12") or bent ("sairaalassa 12") is no name.
"""

BEFORE_COUNTS = {
    "en": frozenset(
        """
        for with without via you he she they we it i turn turns turned report reports room the and but nor yet so because if when while that which who whose there here then than as like per plus minus about around roughly approximately approx abt some nearly
        almost just only over under above below beyond up down out outdoors indoors off into onto within without across along among against before after during until since least most
        more fewer less extra another other further additional total altogether together overall max maximum min minimum min. average mean median exactly precisely currently now still
        already yet today yesterday again also even too not never always often is are was were be been being am has have had having do does did done will would shall should may might
        can could must need get got gave give take took bring drink eat use add keep buy boil wait allow call ring expect serve hold held make made see saw find found lose lost win won
        pay paid cost sell sold let put set say said tell told show let's leave left send sent reach hit hurt cut fell rose grew saw kill injure ill dead alive clean dry normal safe new
        old young oldest youngest all these those both its their our his her my your last next first past every any each few age aged hospital care turnout shelter weight height depth
        free open shut full empty missing late early long tall deep high wide far near and/or no yes well fewer
        """.split()
    ),
    "fi": frozenset(
        """
        soita hae me te he minä sinä hän se ne on oli ovat olivat ollut olleet olisi lienee ei eivät sai saa saavat saivat kertyi kasvoi laski nousi jäi jäivät tuli tulee tulevat tulivat löytyi kuoli kuolee loukkaantui
        puuttuu tarvitaan tarvitsee tarvittiin maksoi maksaa kesti kestää vaati vaatii sisältää antoi antaa otti ottaa teki tekee näki näkee myi osti varaa varattiin ilmoitti kertoi
        valitsee valittiin äänesti evakuoi pelasti sammutti hoiti hoitaa hoidettiin auttoi riittää mahtuu sopii asuu asui työskentelee osallistui haki palaa palasi lisää enemmän
        vähemmän vain ainoastaan noin suunnilleen arviolta lähes melkein liki jopa peräti yhä vielä nyt jo juuri enää eilen tänään yhteensä kaikkiaan kokonaan keskimäärin enintään
        korkeintaan vähintään ainakin yli alle vajaa vajaat reilu reilut runsas runsaat tasan tarkalleen normaalisti yleensä usein aina kuin että jos kun koska mutta ja tai sekä joista
        joissa heistä niistä ennen jälkeen asti saakka mukaan kohti kohden per plus miinus eli siis myös sitten n noin. ca n. yht tot max min ikä väestö henkilöstö vaikutus osuus
        aänestysprosentti äänestysprosentti kaikki muut muu toiset uusi uutta uudet loput ps
        """.split()
    ),
    "sv": frozenset(
        """
        det den de man vi ni du jag han hon ring ringa är var vara varit blir blev blivit har hade haft ska skulle kan kunde måste bör får fick fått ger gav tar tog tagit gör gjorde såg ser finns fanns kostar kostade väljer valde dog
        dör skadades saknas saknar behövs behöver rymmer ryms räcker bor bodde köper köpte säljer sålde håller höll ökade ökar minskade minskar steg sjönk nådde når testade inkvarterade
        saknade vårdade evakuerade bara endast minst högst mest cirka ca ungefär omkring runt kring drygt knappt nästan närmare över under mer fler färre mindre än redan nu ännu
        fortfarande igår idag i på av till från med om för per samt och eller men att som där då när ur hos vid mellan inom utan mot efter före sedan sammanlagt totalt tillsammans
        genomsnitt snitt medeltal normalt vanligen varav dessa alla båda de ytterligare nya ny nytt gamla förr fyllt ålder max min plus minus personal valdeltagande andel exempel ens
        också inte aldrig var innan bland
        """.split()
    ),
}
# What ends a word that is no noun in its plain form.
NO_LABEL = {
    "en": ("s", "ed", "ing", "ly", "est"),
    "fi": (
        "n", "t", "ssa", "ssä", "sta", "stä", "lla", "llä", "lta", "ltä", "lle", "ksi", "ia", "iä", "ja", "jä", "ita", "itä", "ttu", "tty", "tu", "ty", "sti", "ina", "inä", "na", "nä",
        "eja", "ejä",
    ),
    "sv": ("ar", "or", "er", "ade", "na", "erna", "arna", "orna", "are", "igt", "vis", "an", "en", "et", "rn"),
}  # fmt: skip
# What goes on after a name: tank 2 is, gård 12 i …
GOES_ON = {
    "en": frozenset("is was has had will would may can could should must does did needs and or on in at to of for from with by near next first opens closes".split()),
    "fi": frozenset("on oli ei olisi saa voi pitää ja tai sekä joka jossa avataan suljetaan".split()),
    "sv": frozenset("är var har hade ska skulle kan kunde bör får måste blir blev och eller i på vid till från för med som öppnar stänger".split()),
}  # fmt: skip
