"""What an hour or a day is in its sentence, in three languages."""

import pytest

from lib.text.facts.detection import facts_in
from lib.text.facts.surroundings.roles import CLOSES, OPENS, SINCE, UNTIL, role_of

ROLES = [
    ("fi", "Vesi on poikki klo 18 asti. Vesipiste on auki klo 8–18.", [UNTIL, OPENS, CLOSES]),
    ("fi", "Vesi on poikki sunnuntaihin 6. joulukuuta 2026 klo 18 saakka.", [UNTIL, UNTIL]),
    ("fi", "Palautamme vedet kello 18:een mennessä. Varaudu klo 8.", [UNTIL, ""]),
    ("fi", "Vesi on poikki 6.12. alkaen. Info klo 18.", [SINCE, ""]),
    ("sv", "Vattnet är avstängt till kl. 18. Vattenposten är öppen kl. 8–18.", [UNTIL, OPENS, CLOSES]),
    ("sv", "Koka vattnet till söndagen den 6 december 2026 kl. 18.", [UNTIL, UNTIL]),
    ("sv", "Vattnet är avstängt t.o.m. 6.12. Mötet börjar kl. 18.", [UNTIL, SINCE]),
    ("sv", "Öppet från kl. 8 till kl. 18.", [OPENS, CLOSES]),
    ("en", "The water is off until 18:00. The water point is open 8:00–18:00.", [UNTIL, OPENS, CLOSES]),
    ("en", "Boil the water until 6 p.m. on Sunday 6 December 2026.", [UNTIL, UNTIL]),
    ("en", "Open from 8 a.m. until 6 p.m.", [OPENS, CLOSES]),
    ("en", "The water is back by 18:00. The meeting is at 18:00.", [UNTIL, ""]),
]


@pytest.mark.parametrize(("language", "text", "roles"), ROLES)
def test_the_words_beside_an_hour_or_a_day_say_what_it_is(language, text, roles):
    found = [one for one in facts_in(text, language) if one.kind in {"date", "time"}]
    assert [role_of(text, one) for one in found] == roles
