"""Two changes to one text are brought together where they are of different paragraphs, and only there."""

import random
from time import process_time

import pytest

from lib.text.blanks import blanks_in
from lib.text.revisions.paragraph_merge import merge_doubled, merge_items, merge_lines, merge_paragraphs

BASE = "Alku.\n\n- yksi\n- kaksi\n\n \nKolmas kappale.\n\nLoppu."


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (BASE.replace("Alku", "Uusi alku"), BASE.replace("Loppu", "Uusi loppu"), "Uusi alku.|Uusi loppu."),
        (BASE.replace("Alku", "Uusi alku"), BASE.replace("kaksi", "2"), "Uusi alku.|- 2"),
        (f"Ensin.\n\n{BASE}", f"{BASE}\n\nViimeksi.", "Ensin.|Viimeksi."),
        (BASE.replace("Loppu", "Uusi loppu"), f"{BASE}\n\nViimeksi.", "Uusi loppu.|Viimeksi."),
        (
            BASE.replace("- yksi\n- kaksi\n\n \n", ""),
            BASE.replace("Loppu", "Uusi loppu"),
            "Alku.\n\nKolmas|Uusi loppu.",
        ),
        (BASE.replace("Alku", "Sama"), BASE.replace("Alku", "Sama").replace("Loppu", "X"), "Sama.|X."),
        (f"{BASE}\n\n", BASE.replace("Alku", "X"), "X.|Loppu.\n\n"),
        (BASE, BASE.replace("Alku", "X"), "X."),
    ],
)
def test_changes_of_different_paragraphs_stand_together(one: str, other: str, both: str) -> None:
    merged = merge_paragraphs(BASE, one, other)
    assert merged is not None and merged == merge_paragraphs(BASE, other, one)
    assert [words for words in both.split("|") if words not in merged] == []
    untouched = {"Kolmas kappale.", " \n"} if "kaksi\n" in one and "kaksi\n" in other else {"Kolmas kappale."}
    assert all(words in merged for words in untouched)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (BASE.replace("yksi", "1"), BASE.replace("kaksi", "2")),  # one list
        (f"{BASE}\n\nMinä.", f"{BASE}\n\nSinä."),  # which comes first?
        (BASE.replace("\n\nLoppu.", ""), BASE.replace("Loppu", "Uusi loppu")),
        (BASE.replace("\n\nLoppu.", ""), f"{BASE}\n\nSen jälkeen."),
        ("", f"{BASE}\n\nViimeksi."),
        ("Kaikki uusiksi.", BASE.replace("Kolmas", "3.")),
    ],
)
def test_changes_of_one_place_are_for_a_person(one: str, other: str) -> None:
    assert merge_paragraphs(BASE, one, other) is None and merge_paragraphs(BASE, other, one) is None
    assert merge_paragraphs("", "Minä.", "Sinä.") is None


def test_no_word_is_lost_or_told_twice_whatever_two_people_do() -> None:
    chance, merged = random.Random(14), 0
    for _round in range(400):
        base = [f"k{number}" for number in range(chance.randint(1, 9))]

        def changed(name: str, base: list[str] = base) -> list[str]:
            text, places = list(base), sorted(chance.sample(range(len(base)), chance.randint(1, len(base))))
            for place in reversed(places[:2]):
                act = chance.choice(["change", "add", "remove"])
                new = {"change": [f"{name}{place}"], "add": [text[place], f"{name}{place}"], "remove": []}[act]
                text[place : place + 1] = new
            return text

        mine, theirs = changed("m"), changed("t")
        both = merge_paragraphs("\n\n".join(base), "\n\n".join(mine), "\n\n".join(theirs))
        if both is None:
            continue
        merged += 1
        words = both.split()
        assert sorted(words) == sorted(
            [one for one in base if one in mine and one in theirs] + [one for one in mine + theirs if one not in base]
        )
    assert 80 < merged < 360


def test_a_caption_is_put_together_by_line_and_hashtags_one_by_one() -> None:
    base = "Alku.\n• yksi\n• kaksi\n\nLoppu."
    one, other = base.replace("yksi", "1"), base.replace("kaksi", "2").replace("Loppu", "Uusi loppu")
    assert merge_paragraphs(base, one, other) is None
    assert merge_lines(base, one, other) == merge_lines(base, other, one) == "Alku.\n• 1\n• 2\n\nUusi loppu."
    assert merge_lines(base, one, base.replace("yksi", "I")) is None
    assert merge_items(["#a", "#b", "#c"], ["#d", "#b", "#c"], ["#c", "#a", "#e", "#d"]) == ["#d", "#c", "#e"]
    assert merge_items([], ["#a"], ["#a", "#b"]) == ["#a", "#b"] and merge_items(["#a"], [], ["#a"]) == []


def test_only_lines_that_both_changed_stand_twice_and_the_second_are_marked() -> None:
    base = "Keitä vesi.\n\n- Hae vettä torilta.\n- Soita 112.\n\nKiitos."
    one = base.replace("torilta", "asemalta").replace("Kiitos", "Kiitos kaikille")
    other = base.replace("torilta", "satamasta").replace("Keitä vesi.", "Keitä vesi nyt.")
    both = "Keitä vesi nyt.\n\n- Hae vettä asemalta.\n- {tai} Hae vettä satamasta.\n- Soita 112.\n\nKiitos kaikille."
    assert merge_doubled(base, one, other, "{tai}") == both
    assert merge_doubled(None, "a\n\nb\n\nc", "a\n\nx\n\nc\n\nd", "{tai}") == "a\n\nb\n\n{tai} x\n\nc\n\nd"
    assert merge_doubled("a", "b", "c", "{tai}") == "b\n\n{tai} c" and merge_doubled("a", "b", "b", "{tai}") == "b"
    gone = merge_doubled("a\n\nb\n\nc", "a\n\nc", "a\n\nB\n\nc", "{tai}")
    assert gone == "a\n\n{tai} B\n\nc" and blanks_in(gone) == ["tai"]
    assert merge_doubled("a\n\nb", "a\n\nb\n\n1", "a\n\nb\n\n2", "{tai}") == "a\n\nb\n\n1\n\n{tai} 2"


def test_a_long_text_of_the_same_line_takes_no_minute() -> None:
    base, began = "a\n\n" * 60_000, process_time()
    assert merge_paragraphs(base, f"x\n\n{base}", f"{base}y") == f"x\n\n{base}y"
    assert process_time() - began < 5
