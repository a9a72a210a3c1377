"""Own words beside a card cannot pass for a line of the card, and what people say otherwise can stand there."""

import time

import pytest

from lib.text import imitations

NAMES = ["THL", "HUS", "Terveyden ja hyvinvoinnin laitos", "Ministry of Health"]


@pytest.mark.parametrize(
    "words",
    """\
Valid until 4 Dec
V a l i d  u n t i l 4.12
Vаlid until 5 Dec
Expires tomorrow
Voimassa 4.12.2026 asti
Voimassa ke 2.12. asti
VOIMASSA TOISTAISEKSI
Perjantaihin asti voimassa
Gäller t.o.m. 4.12
Gäller tills vidare
Giltig till fre 4 december
Korjattu 27.11.
Uppdaterad: 3.12
THL: keitä vesi
T H L: keitä vesi
ТHL: keitä vesi
Hei! THL: keitä vesi
Keitä vesi! – THL
Keitä vesi (THL)
thl
Warning. HUS - pysy kotona
Terveyden ja hyvinvoinnin laitos: juu
STM: pese kädet
Sosiaali- ja terveysministeriö: pese kädet
Social- och hälsovårdsministeriet: koka vattnet
Source: Yle
Lähde: Yle
Källa: Yle
Official statement: all is well
Viranomaistiedote: kaikki hyvin
Myndigheterna: koka vattnet
7K2F-9QTD
site.example/c/7K2F9QTD
STM tiedottaa: pese kädet
Poliisi kehottaa pysymään kotona
The police urge everyone to stay in
T.H.L. vahvistaa tämän
THL suosittelee maskia
Lähde thl.fi
Tämä on virallinen ohje
This is the official advice
Tiedottaa: Terveyden ja hyvinvoinnin laitos THL
Hallitus sanoo: mökille saa mennä
T H L kertoo: pese kädet
Valtioneuvoston mukaan mökille saa mennä
Mökille saa mennä poliisin mukaan
Enligt regeringen får du resa
According to the government you may travel
Sanna Marin: mökille saa mennä
Hei! Sanna Marin sanoo, että mökille saa mennä
Li Andersson: koulut kiinni
Pääministeri Marin: mökille saa mennä
Statsministern säger att skolan är öppen
The prime minister said it is fine
Terveysviranomaiset vahvistavat tämän
Poliisi kertoi, että saa mennä
Health authorities confirmed it
bit.ly/raha123
Lue lisää: tinyurl.com/x1
Katso https://t.co/abc
www.palkinto.fi
t.me/kriisi
The government has decided: cottages are open again
Hallitus päätti: mökille saa mennä
Regeringen har beslutat att resor är tillåtna
Breaking news from the ministry of health: stay in
#coronafacts Bulletin 5: travel allowed
Police tell us you can travel
Oikaistu 30.11.
Marin sanoo, että mökille saa mennä
Hei! Orpo kertoi: koulut kiinni
Orpo: koulut kiinni, Marin vahvisti tämän
Andersson säger att skolan är öppen
Niinistö varoitti tästä
Kluuvi. "Salminen ilmoittaa: vettä jaetaan"
Johnson said it is fine""".splitlines(),
)
def test_a_line_of_the_card_is_found(words: str) -> None:
    assert imitations.found_in(words, NAMES) or imitations.address_in(words)


@pytest.mark.parametrize(
    "words",
    """\
It is about our street.
Koskee meidän katua.
PS: muistakaa koirat
OBS: gå inte dit
Moi: tämä on tärkeä
Äiti sanoi: keitä vesi
Two things: boil, wait
Tästä THL puhui eilen
I read it at THL's page
Onko tämä voimassa?
Det gäller oss alla
Det gäller till exempel vår gata
Stay in until Friday, friends
Pysytään kotona perjantaihin asti
Keitän veden itsekin – ihan joka kerta
Katso klo 18-20
Kaupunki on hieno. Polisen är bra
We did 10-15 litres
Tiedottaja kehottaa ystäviään
My mum says: boil it
Äidin mukaan vesi maistuu
Ilman mukaan kannattaa pukeutua
Kaveri kertoo: vesi on hyvää
Enligt mamma är allt bra
Aino Aalto täällä, moi
Moi kaikki Suomen Turussa: tämä on tärkeä
Ystäväni Liisa kertoo: vesi on hyvää
Joo.no emmä tiedä
Moi.me ollaan kotona
Klo 9.30 nähdään
Kiitos @aino.fi-tilin väelle
Ministerit on väsyneitä
Se on n. 5 km/h
I told the police everything
Lähde oli hauska
Mummo sanoi, että vesi maistuu
Mieheni kertoo: jono on lyhyt
Naapurimme sanoi samaa
Kaikki sanoivat samaa
Moni kertoo jonottaneensa
Opettajat kertovat lapsille
Pormestarinna on hauska sana
Min kompis säger att det går bra
Grannen sade det i morse
Mamma säger: koka vattnet
Everyone says it tastes fine
My neighbour told me
Friends tell me it works
Marin on käynyt täällä
Suomalaiset päättivät itse
Tätini varoitti jonosta""".splitlines(),
)
def test_what_people_say_is_not_taken_for_one(words: str) -> None:
    assert imitations.found_in(words, NAMES) == imitations.address_in(words) == ""


@pytest.mark.parametrize(
    "name",
    ["THL", "thl virallinen", "Ministry of Health", "Poliisi", "Pääministeri Marin", "T H L", "Police", "Mayor Smith"],
)
def test_nobody_says_their_own_words_in_the_name_of_another(name: str) -> None:
    assert imitations.is_for_another(name, NAMES)


@pytest.mark.parametrize("name", ["Elli Esimerkki", "Thlma", "Kahvilla Husin kanssa", "Sanna", "Ella 🦊"])
def test_a_name_of_ones_own_stands(name: str) -> None:
    assert not imitations.is_for_another(name, NAMES)


def test_a_long_text_takes_time_by_its_length() -> None:
    def seconds(text: str) -> float:
        start = time.process_time()
        imitations.found_in(text, NAMES)
        return time.process_time() - start

    for piece in ("THL ", "a.", "voimassa ", "- ministerio ", "galler "):
        seconds(piece * 100)
        assert seconds(piece * 8_000) < 40 * seconds(piece * 1_000) + 0.05, piece


@pytest.mark.parametrize(
    "words",
    """\
Kaverini Anna sanoi, että hyllyt ovat täynnä
Paras kaverini Anna sanoi niin
Naapurini Anna-Maija kertoi jonosta
Serkkuni Leo sanoo: nähdään pihalla
Työkaverini Anna sanoo, ettei ole kiirettä
Mummoni Aino sanoi, että keittää vettä
Min kompis Anna säger att det funkar
Kompisen Anna sa det
Vår granne Otto säger: koka vattnet
My friend Anna said it works
My neighbour Anna told me
Friend Anna says hi
Our neighbour Otto: boil it
""".splitlines(),
)
def test_a_friend_can_be_quoted_by_a_first_name(words):
    assert imitations.found_in(words, NAMES) == ""


@pytest.mark.parametrize(
    "words",
    """\
Ystäväni Sanna Marin sanoo: pysykää kotona
Kaverini Li Andersson säger
My friend Sanna Marin says stay in
Min vän Alexander Stubb säger
My doctor Anna Smith says it is over
Lisa Marin sanoo
Reino Orpo sanoo
Bror Andersson säger
Van Damme says
Anna sanoi
My friend minister Anna says
Kaverini ministeri Marin sanoo
Meidän pääministeri Orpo sanoo
Presidenttini Stubb sanoo
My president Stubb says
""".splitlines(),
)
def test_a_friend_is_no_cover_for_somebody_in_the_news(words):
    assert imitations.found_in(words, NAMES)
