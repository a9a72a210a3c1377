"""What makes a text in easy language hard: found in three languages, and not where there is nothing."""

import time

import pytest

from lib.text.reading_hurdles import hurdles


def found(text, language, kind):
    return [one.words for one in hurdles(text, language) if one.kind == kind]


@pytest.mark.parametrize(
    ("language", "text", "forms"),
    [
        ("fi", "Silta suljetaan. Koulut avattiin. Asiasta ei ole vielä päätetty. Se pestään.", "suljetaan avattiin päätetty pestään"),
        ("fi", "Mene rantaan ja kuntaan. Hän teki sen omalla paikallaan asioitaan hoitaen. Enintään 10. Tuttu on täällä.", ""),
        ("fi", "Laita se pakettiin ja mene nettiin. Muutimme instituuttiin.", ""),
        ("sv", "Bron stängs. Skolorna öppnades. Beslutet har ändrats. Mötet blev inställd. Bron kan stängas.",
         "stängs öppnades ändrats inställd stängas"),
        ("sv", "Det finns plats. Vi hoppas att det lyckas. Skolornas dörrar. Lucas blir glad. Parkeringsplats.", ""),
        ("en", "The bridge was closed by the police. It is not yet known. Schools were opened.", "known opened"),
        ("en", "You need help. She is tired. They opened the bridge.", ""),
        ("de", "Die Brücke wird gesperrt.", ""),
    ],
)  # fmt: skip
def test_who_does_it_is_missed(language, text, forms):
    assert found(text, language, "passive") == forms.split()


@pytest.mark.parametrize(
    ("language", "text", "several"),
    [
        ("fi", "Koska vesi on likaista, keitä se, ennen kuin juot, jos voit.", True),
        ("fi", "Keitä vesi, koska se on likaista.", False),
        ("sv", "Om du är sjuk ska du ringa, eftersom vården är full.", True),
        ("sv", "Det är bra att komma och att äta. Vi talar om vädret.", False),
        ("en", "The city says that you must boil the water because it is dirty.", True),
        ("en", "On that day, stay at home if you can. Who is at risk?", False),
    ],
)
def test_several_ideas_in_a_sentence(language, text, several):
    assert bool(found(text, language, "clauses")) is several


def test_what_is_too_long_tells_its_size():
    long = "yksi kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän kymmenen yksitoista kaksitoista kolmetoista"
    assert [(one.kind, one.size) for one in hurdles(f"{long}.", "fi")] == [("sentence", 13)]
    assert hurdles(f"{long}.", "sv") == ()
    assert found("Liikkumisrajoitus loppuu. Liikkumis-rajoitus loppuu. Koulu alkaa.", "fi", "word") == []
    assert found("Liikkumisrajoituksista kerromme.", "fi", "word") == ["Liikkumisrajoituksista"]
    paragraph = " ".join(["Pese kädet usein."] * 20)
    assert [one.size for one in hurdles(paragraph, "fi") if one.kind == "paragraph"] == [60]
    items = "\n".join(["- Pese kädet usein."] * 20)
    assert hurdles(items, "fi") == ()
    assert found(f"## {'Pese kädet, '.ljust(62, 'a')}", "fi", "line")


def test_numbers_short_forms_and_brackets():
    text = "Apua sai 12 500 ihmistä, 7,5 %. Soita 09 310 10020 klo 18. Auki 2.–4. huhtikuuta."
    assert found(text, "fi", "number") == ["12 500", "7,5 %"]
    assert found("Bussi 3 lähtee klo 8.15, 9.15 ja 10.15.", "fi", "numbers") != []
    assert found("Kysy esim. THL:n sivuilta klo 9. EU auttaa.", "fi", "abbreviation") == ["esim.", "THL"]
    assert found("Ta t.ex. vatten, m.m. Kl. 9 börjar det.", "sv", "abbreviation") == ["t.ex.", "m.m."]
    assert found("Kokoontuminen (tapaaminen) on iloinen; tule.", "fi", "brackets")


def test_a_text_of_any_length_takes_time_by_its_length():
    def took(text):
        began = time.process_time()
        hurdles(text, "fi")
        return time.process_time() - began

    short = max(took("että " * 5_000 + "a"), 0.01)
    assert took("että " * 40_000 + "a") < 40 * short
