"""
What sentences of a crisis are about, by whatever word each language has for it, spoken ones too. Words stand as similarity.plain()
gives them; "kirjasto*" is every word that begins so. A word that stands here nowhere is known by its stem.

Each subject has the aspect under which it is spoken of where nothing else says one: "no trains" is about running.
"""

OPEN, RUN, WORK, FORCE, ALLOWED, NEEDED = "open", "run", "work", "force", "allowed", "needed"
SAFE, FREE, THING = "safe", "free", ""

# {subject: (aspect, Finnish, Swedish, English)}
SUBJECTS: dict[str, tuple[str, str, str, str]] = {
    # --- Places that open and close
    "restaurant": (OPEN, "ravintol* ravinteli* kuppil* raflo* rafla* baari* pubi* kapak*", "restaurang* krog krogen krogar* barer barerna baren pub puben pubar*",
                   "restaurant* eatery eateries pub pubs bar bars diner*"),
    "café": (OPEN, "kahvil*", "kafe* cafe* fik fiket fiken", "cafe cafes cafeteria* coffee"),
    "library": (OPEN, "kirjasto*", "bibliotek* bibban", "library libraries"),
    "school": (OPEN, "koulu koulun koulut koulua kouluja koulujen kouluun kouluihin koulussa kouluissa koulusta koulusi peruskoul* alakoul* ylakoul* opetus lahiopetu*",
               "skola* skolor* skolan grundskol* lagstadi* hogstadi* undervisning* narundervisn*", "school schools classes"),
    "daycare": (OPEN, "paivakoti* paivakodi* paivakote* tarha tarhat tarhaan tarhaa tarhassa paivahoi* paikky* paikyt", "dagis* daghem* forskol*", "daycare* nursery nurseries kindergarten*"),
    "university": (OPEN, "yliopisto*", "universitet*", "university universities campus"),
    "shop": (OPEN, "kauppa kaupa kaupat kauppoja kaupassa kauppojen kauppaan kaupasta kauppoihin kauppakesku* ostoskesku*", "affar affarer* affaren butik* kopcent* handla handlar", "shop shops shopping mall malls supermarket*"),
    "museum": (OPEN, "museo*", "muse*", "museum*"),
    "theatre": (OPEN, "teatter* elokuvateat* leffateat*", "teater* teatrar* biograf*", "theatre* theater* cinema*"),
    "gym": (OPEN, "kuntosal* sali salit salille", "gym gymmet gymmen", "gym gyms"),
    "pool": (OPEN, "uimahall*", "simhall*", "pool pools"),
    "beach": (OPEN, "uimaran* ranta rannat rannalla rannalle biitsi*", "simstrand* badstrand* strand stranden strander* badplats*", "beach beaches"),
    "hall": (OPEN, "koulukesku* liikuntahall* urheiluhall* seuraintalo* nuorisotalo*", "forsamlingshem* idrottshall* sporthall* ungdomsgard*", "hall halls"),
    "shelter": (OPEN, "vaestonsuoj* evakuointikesku*", "skyddsrum* evakueringscent*", "shelter shelters bunker*"),
    "church": (OPEN, "kirkko kirkot kirkon kirkkoon", "kyrka* kyrkor*", "church churches"),
    "clinic": (OPEN, "terveysasem* terveyskesku* terkkari* paivystys paivystyksen paivystykseen", "halsocent* halsostation* vardcentral* jour jouren", "clinic clinics"),
    "pharmacy": (OPEN, "apteek* aptee*", "apotek*", "pharmacy pharmacies chemist*"),
    "border": (OPEN, "raja rajan rajat rajalla rajalle rajojen", "grans gransen granser* gransovergang*", "border borders cross crosses crossing"),
    "road": (OPEN, "tie tien tiet teiden silta sillan sillat moottoritie*", "vag vagen vagar* bro bron motorvag*", "road roads bridge bridges motorway* highway*"),
    "park": (OPEN, "puisto* leikkipuist* leikkikent*", "park parken parker* lekpark*", "park parks playground*"),
    # --- What runs
    "train": (RUN, "juna junan junat junia junaa junalla junien lahijun* lahiliiken* kaukojun*", "tag taget tagen pendeltag* nartag* fjarrtag* tagtrafik*", "train trains"),
    "metro": (RUN, "metro metron metrot metroa metroja metrolla", "metro* metron tunnelban*", "metro metros subway underground tube"),
    "tram": (RUN, "ratik* raitiovaun* spora spurg* sporat", "sparvagn* sparvagen", "tram trams streetcar*"),
    "bus": (RUN, "bussi bussit bussien busseja bussissa busseissa bussiin busseihin bussilla dosa", "buss bussen bussar* bussarna bussarnas", "bus buses busses"),
    "ferry": (RUN, "lautta lautan lautat lossi lossit lossin yhteysalu*", "farja* farjor* farjan nagufarja*", "ferry ferries"),
    "flight": (RUN, "lento lennot lentoa lentoja lentoliiken*", "flyg flyget flygen flygningar* flygtrafik*", "flight flights"),
    "boat": (RUN, "vene laiva laivat laivan", "bat baten batar* ersattningsbat*", "boat boats"),
    # --- What works
    "power": (WORK, "sahko sahkot sahkoa sahkon valot virta virran virrat virtaa", "el elen strom strommen ljuset", "power electricity lights"),
    "network": (WORK, "netti nettiin verkkoyhtey* puhelinverk* nettiyhtey*", "natet internet mobilnat* telefonnat*", "internet network wifi"),
    "payment": (WORK, "korttimaksu* maksupaat* verkkopank* pankkikort* kortti kortit kortilla kortin", "kortbetal* natbank* bankkort* kort kortet korten", "payment payments card cards"),
    "atm": (WORK, "automaat* ottoautomaat* pankkiautomaat* kateisautom*", "bankautomat* uttagsautomat*", "atm"),
    # --- What holds, or does not
    "restriction": (FORCE, "rajoitu* rajoitt* rajotu* liikkumisraj* sulku sulun matkustusraj*", "begransning* restriktion* rorelsebegr*", "restriction* lockdown* curb curbs"),
    "warning": (FORCE, "varoitu* varotu*", "varning*", "warning* alert"),
    "curfew": (FORCE, "ulkonaliikkumiskiel*", "utegangsforbud*", "curfew*"),
    "emergencystate": (FORCE, "poikkeusol* poikkeustil* valmiuslak*", "undantagsforhall* undantagstillst* undantagslag*", "emergencystate"),
    "strike": (FORCE, "lakko lakon lakkoa lakossa", "strejk*", "strike strikes"),
    "outage": (FORCE, "sahkokatk* sahkokatko katko katkos katkok*", "elavbrott* stromavbrott*", "outage* blackout*"),
    "notice": (FORCE, "keittokehot* keittokehotu*", "uppkokning* kokningspabud* kokpabud*", "notice"),
    "firewarning": (FORCE, "metsapalovaroit* maastopalovaroit* ruohikkopalovar* metsapalovarot*", "skogsbrandsvarning* brandvarning* skogsbrandvarning*", "wildfirewarning"),
    # --- What has to be done, or need not
    "boil": (NEEDED, "keit* keitt* kiehu* kiehauta* kiehaut* porise* keitettav*", "koka kokas kokar kokat kokad kokta kokning kokningen", "boil boils boiled boiling"),
    "mask": (NEEDED, "maski* maske* hengityssuoj* kasvomask* suumask*", "munskydd* ansiktsmask* mask masken", "mask masks facemask*"),
    "appointment": (NEEDED, "ajanvarau* varata varaa varat varaat varaus varausta varauksella ajanvaraust*", "tidsbestal* boka bokar bokat bokning* tidsbok* forhandsbok*",
                    "appointment* book booking booked reservation* prebook*"),
    "ticket": (NEEDED, "lippu lipun lippua liput lippuja", "biljett*", "ticket tickets"),
    "certificate": (NEEDED, "todistu* koronapass*", "intyg* coronapass*", "certificate* passport"),
    "distance": (NEEDED, "etaisyy* turvavali* turvavalit*", "avstand* sakerhetsavstand*", "distance distancing"),
    "isolate": (NEEDED, "karanteen* eristayty* eristyks* erillaan erossa", "karantan* isoler* atskild*", "quarantine* isolate isolation apart"),
    "evacuate": (NEEDED, "evakuoi* poistukaa poistu kotoa kotoasi kodistasi kodistaan", "evakuer* utrym*", "evacuat*"),
    "flush": (NEEDED, "juoksut*", "spola spolar spolat", "flush run-the-tap"),
    "windows": (NEEDED, "ikkun* ilmastoin* ilmanvaiht*", "fonst* ventilation*", "window windows ventilation"),
    "hands": (NEEDED, "kasien kadet kasia kasi kasidesi* kasienpesu*", "handtvatt* handerna", "handwash* hands"),
    "identity": (NEEDED, "henkkar* henkilotodist* henkilollisyyst* henkkarit", "legitim* leg leget id-kort idkort", "id identity idcard"),
    "lead": (NEEDED, "hihna hihnaa hihnassa kytke* taluttim*", "*koppel kopplad* kopplat", "lead leads leash leashes"),
    # --- What is allowed, or not
    "takeaway": (ALLOWED, "noutoruo* mukaan takeaway", "hamtmat* avhamt* takeaway", "takeaway takeaways takeout"),
    "travel": (ALLOWED, "matkus* reissa* matka matkat matkalle matkoja matkan matko* reissu* lomalle lomareissu* lomamatk*", "semesterres* fritidsres* resa reser resor resorna resande res akas aka aker ak arbetsresor jobbresor tjansteresor", "travel travels travelling traveling trip trips"),
    "cottage": (ALLOWED, "mokki* mokil* mokei*", "stuga* stugor* sommarstug*", "cottage*"),
    "work": (THING, "tyo tyon tyota tyohon toihin toissa tyomatk* duuni* duunii* tyopaik* hommi*", "jobb* arbete* arbetet arbetsresor jobbresor", "work job jobs commut*"),
    "leisure": (THING, "vapaa vapaaajan lomareissu* lomamatk* huvimatk* mokkimatk*", "fritid* semesterres*", "leisure holiday vacation"),
    "meet": (ALLOWED, "tapaaminen tapaamiset", "umgange umgas", "socialising socializing"),
    "visit": (ALLOWED, "vierail* kaymaan kattomaan katsomaan vieras vieraat", "besok* halsa", "visit visits visiting visitor visitors"),
    "enter": (ALLOWED, "sisaan sisalle", "ingang", "enter enters inside"),
    "drink": (ALLOWED, "juo juokaa juoko juoda juotav* juoma* joda juominen juomista juot juovat", "dricka dricker drick drickas dricksvatt* drack drickbart drickning", "drink drinks drinking drinkable"),
    "swim": (ALLOWED, "uida uimi* uimaan uiminen uimavesi", "bada badar badas badning badand* simma simmar simmand* simning", "swim swims swimming bathe bathing"),
    "fire": (ALLOWED, "nuotio* avotul* tulenteko* tulente* tulia tulta kokko kokot", "elda eldar eldas eldning* eld elden lagereld* eldforbud*", "campfire* bonfire* fires fire"),
    "grill": (ALLOWED, "grilla* grilli* makkara*", "grilla* grill grillen grillning", "grill grills grilling barbecue* bbq"),
    "outdoors": (ALLOWED, "ulos ulkona ulkoil* ulkosalla", "ute utomhus", "outdoors outside"),
    "shower": (ALLOWED, "suihku* peseyty*", "duscha duschar dusch duschen", "shower showers showering"),
    "emergency": (ALLOWED, "hatanumero* hatakesku*", "nodnum* nodcent*", "emergencynumber"),
    "loan": (ALLOWED, "laina* laino* lainaa*", "lan lana lanar lanet lanen", "borrow borrows borrowed loan loans"),
    "gathering": (ALLOWED, "kokoontumi* yleisotilai* tapahtum* tilaisuu* kokoontua koolla juhl* bileet bileita", "sammankomst* evenemang* tillstallning* samlingar samlas fest fester", "gathering* gather gathers event events meetup* party parties"),
    # --- What else there is
    "water": (THING, "vesi vetta veden vesia veteen vedessa vedesta hanaves* juomaves* vesijohtoves* vesijohtovet* vesijohtoved* hanavet* hanaved* juomavet* juomaved* teeved* hana hanasta hanaa", "vatten vattnet kranvatt* dricksvatt* vattn* kran kranen", "water tapwater tap"),
    "vaccine": (THING, "rokot* piikki piikin piikille piikit influenssarok* flunssarok* koronarok*", "vaccin* spruta* coronavacc* influensavacc*", "vaccin* jab jabs shot shots vax"),
    "lunch": (THING, "kouluruo* lounas lounaan lounasta ruokailu*", "skollunch* lunch lunchen skolmat*", "lunch lunches meal meals"),
    "pupil": (THING, "oppila* koululai* ekaluokk*", "elev elever eleverna ettor* skolbarn*", "pupil pupils student students graders"),
    "parent": (THING, "vanhemma* vanhempi* vanhempien aikui*", "foralder* foraldr* vuxna vuxen", "parent parents adults adult"),
    "child": (THING, "lapsi lapset lapsia lasten lapsetkin lapsille lapselta lapsi* taapero* pikkulaps*", "barn barnen barnens smabarn* unga", "child children kid kids toddler toddlers"),
    "elderly": (THING, "elakelai* vanhus* ikaihmi* mummi* mummo* ukki* pappa* iakkaa* iakkai* senior*", "pensionar* aldre mormor* farmor* morfar* farfar* senior*",
                "pensioner pensioners elderly seniors grandma* grandpa* granny"),
    "pregnant": (THING, "raskaana odottav* raskaan*", "gravid*", "pregnant"),
    "hospital": (THING, "sairaala*", "sjukhus*", "hospital hospitals ward"),
    "forest": (THING, "metsa metsas* metsa*", "skog* skogen skogar*", "forest forests woods"),
    "nationalpark": (THING, "kansallispuist*", "nationalpark*", "nationalpark"),
    "centre": (THING, "keskust* kesku*", "centrum* stadskarna*", "centre center downtown"),
    "lifedanger": (THING, "hengenvaar* hengenhat*", "livsfara* livshot*", "lifedanger"),
    "closest": (THING, "laheinen laheista laheiset laheisen omainen", "anhorig* narstaende", "relative relatives"),
    "food": (THING, "ruoka ruokaa ruoan ruuan safka* safkaa pitsa*", "mat maten kakor pizza*", "food foods pizza"),
    "corona": (THING, "korona koronan koronaa koronavir*", "corona coronavir*", "corona coronavir* covid*"),
    "influenza": (THING, "influenss* flunss*", "influens*", "flu influenza"),
    "admission": (THING, "paasymaksu* sisaanpaasy*", "intrade* intradet", "admission entry entrance"),
    "dog": (THING, "koira*", "hund hundar* hunden hundarna", "dog dogs"),
    "ice": (ALLOWED, "jaa jaat jaalle jaalla jaalta jaiden", "isen isar isarna", "ice"),
    "vote": (ALLOWED, "aanest* ennakkoaanest*", "rosta rostar rostade forhandsrost* rostning*", "vote votes voting"),
    "sample": (THING, "vesinayte* nayte naytteen", "vattenprov* prov provet", "sample samples test tests"),
    "bacteria": (THING, "bakteeri* kolibak*", "bakterie*", "bacteria"),
}  # fmt: skip

# Words of two that are one, before anything else is read.
COMPOUNDS = {
    "fi": {"take away": "noutoruoka", "ota mukaan": "noutoruoka", "tie sulku": "sulku"},
    "sv": {"begransningarna i rorelsefriheten": "begransningarna", "begransningar i rorelsefriheten": "begransningar", "take away": "hamtmat", "ta med": "hamtmat", "mat att ta med": "hamtmat", "ta med sig": "hamtmat", "oppen eld": "eld",
           "gora upp eld": "elda", "liv ar i fara": "livsfara", "liv i fara": "livsfara", "fara for liv": "livsfara", "skogs brand": "skogsbrand",
           "fara for livet": "livsfara", "lamna ditt hem": "evakuera", "lamna sitt hem": "evakuera", "lamna hemmet": "evakuera", "lamna hemmen": "evakuera"},
    "en": {"ice cream": "icecream", "ice hockey": "icehockey", "take away": "takeaway", "take out": "takeout", "to go instead": "takeaway", "food to go": "food takeaway", "national park": "nationalpark", "national parks": "nationalpark",
           "face mask": "mask", "face masks": "masks", "power cut": "outage", "power cuts": "outage", "power outage": "outage", "power failure": "outage",
           "until further notice": "openended", "til further notice": "openended", "boil water notice": "boilnotice", "boil water advisory": "boilnotice", "boil water order": "boilnotice", "boil notice": "boilnotice", "wildfire warning": "wildfirewarning",
           "forest fire warning": "wildfirewarning", "fire warning": "wildfirewarning", "fire ban": "fireban", "open fire": "campfire", "open fires": "campfires",
           "life is in danger": "lifedanger", "life in danger": "lifedanger", "life is at risk": "lifedanger", "lives are in danger": "lifedanger", "life or death": "lifedanger",
           "danger to life": "lifedanger", "life threatening": "lifedanger", "movement restrictions": "restrictions", "travel restrictions": "restrictions", "mask rule": "maskrule",
           "mask mandate": "maskrule", "swimming pool": "pool", "swimming pools": "pools", "sitting in": "inside", "tap water": "tapwater", "coffee shop": "cafe",
           "leave your home": "evacuate", "leave home": "evacuate", "leave their homes": "evacuate", "leave your homes": "evacuate", "leave their home": "evacuate",
           "flu shot": "flu vaccine", "flu shots": "flu vaccine"},
}  # fmt: skip

# What a notice says is so: while the boil notice holds, water has to be boiled. {word: (subject, aspect, sign)}
NOTICES: dict[str, tuple[str, str, int]] = {
    "notice": ("boil", NEEDED, 1),
    "boilnotice": ("boil", NEEDED, 1),
    "maskrule": ("mask", NEEDED, 1),
    "fireban": ("fire", ALLOWED, -1),
    "outage": ("power", WORK, -1),
}

# What is needed or allowed for something else: without an appointment to the library is not without one to the vaccination.
ATTRIBUTES = frozenset(
    "appointment ticket certificate identity mask lead takeaway travel enter visit drink work shower emergency distance hands lunch".split()
)

# Where people do something: who may swim means that the pool is open.
DONE_AT: dict[str, tuple[str, ...]] = {"swim": ("pool", "beach"), "loan": ("library",), "lunch": ("school",)}

# What is said of one is not said of the other: trips to work are no trips for pleasure.
OPPOSED = (("work", "leisure"),)

# Subjects of which one is the other under a wider name: what is said of one counts for the other.
KIN = (
    {"train", "transport"}, {"metro", "transport"}, {"tram", "transport"}, {"bus", "transport"},
    {"fire", "grill"}, {"visit", "enter"}, {"library", "loan"}, {"pool", "swim"}, {"beach", "swim"},
    {"vaccine", "influenza"}, {"notice", "boil"}, {"power", "outage"}, {"warning", "firewarning"}, {"child", "pupil"}, {"isolate", "meet"}, {"travel", "border"}, {"swim", "water"},
    {"border", "restriction"},
)  # fmt: skip
