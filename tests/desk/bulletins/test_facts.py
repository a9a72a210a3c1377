"""The facts beside the text: the list, the page of a change, its refusals, and its undoing."""

import time

import pytest
from django.urls import reverse

from bulletins.editing import drafts
from bulletins.intake import submissions
from bulletins.models import Bulletin
from bulletins.publication import publish
from tests.bulletins.facts.boil_water import all_texts, build_boil_water, fact
from tests.support import builders
from tests.support.builders import NOON, approved

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def bulletin(campaign, alma):
    return build_boil_water(campaign, alma)


def address(name: str, *keys: int) -> str:
    return reverse(f"admin:bulletins_bulletin_{name}", args=keys)


def shown(desk, made: Bulletin, key: str, to: str):
    return desk.get(address("fact_change", made.pk), {"fact": key, "to": to})


def posted(answer, **more) -> dict:
    """Return what a press of the page's button posts."""
    sent = {"fact": answer.context["row"].key, "to": answer.context["value"], "place": [], "mention": []}
    for place in answer.context["proposed"]:
        one = place["one"]
        sent["place"].append(one.place.key)
        sent[f"began_{one.place.key}"] = place["began"]
        sent[f"read_{one.place.key}"] = one.token
        for mention in one.mentions:
            sent["mention"].append(mention.key)
            if mention.is_taken:
                sent[f"take_{mention.key}"] = "1"
        sent[f"words_{one.place.key}"] = place["words"].replace("\n", "\r\n")
    for code, _name, changed, share in answer.context["words"]:
        sent |= {f"what_changed_{code}": changed, f"share_text_{code}": share}
    if answer.context["update"]:
        sent |= {"update": answer.context["update"].pk, "of": answer.context["of"]}
    return sent | more


def test_the_list_names_each_fact_once_with_its_places(bulletin, signed_in, alma):
    page = signed_in(alma).get(address("facts", bulletin.pk)).content.decode()

    assert page.count(">2 April</b>") == 1 and "not in the submission" not in page
    assert "“torstaihin 2. huhtikuuta”" in page and "Change this fact" in page


def test_a_fact_that_no_submission_says_is_told(bulletin, signed_in, alma, campaign):
    bulletin.inputs.add(builders.build_input(campaign, body="Boil it until 2 April.", language="en"))
    page = signed_in(alma).get(address("facts", bulletin.pk)).content.decode()

    said, other = page.index(">2 April</b>"), page.index(">18:00</b>")
    assert (
        "not in the submission" not in page[said : said + 300] and "not in the submission" in page[other : other + 300]
    )


def test_every_place_is_shown_as_it_will_read_and_then_changed(bulletin, signed_in, alma):
    desk = signed_in(alma)
    answer = shown(desk, bulletin, fact(bulletin, "2 April").key, "4 April")
    assert "lauantaihin" in answer.content.decode() and "places, as they will read" in answer.content.decode()

    after = desk.post(address("fact_change", bulletin.pk), posted(answer))

    assert after.status_code == 302
    assert "lauantaihin 4. huhtikuuta" in bulletin.editions.get(language="fi").body


def test_rewording_begins_with_the_whole_text_and_takes_no_word_of_a_colleague_along(bulletin, signed_in, alma, noon):
    desk, finnish = signed_in(alma), bulletin.editions.get(language="fi")
    body = f"words_edition:{finnish.pk}:body"
    page = shown(desk, bulletin, fact(bulletin, "2 April").key, "4 April")
    sent = posted(page)
    assert sent[body].startswith("Keitä vesi lauantaihin 4. huhtikuuta klo 18 asti.")

    # A place that is unticked stays as it is, though its box shows the text as it would have read.
    left = next(place["one"] for place in page.context["proposed"] if place["one"].place.language == "sv")
    sent = {key: value for key, value in sent.items() if key not in {f"take_{one.key}" for one in left.mentions}}
    sent[body] = sent[body].replace("lauantaihin 4. huhtikuuta", "lauantai-iltaan 4. huhtikuuta asti")

    # Someone writes in it meanwhile: nothing is changed, and what was typed stands beside the text as it is now.
    finnish.body += "\n\nKollegan sana."
    drafts.save_edition(finnish, by=alma, at=NOON)
    refused = desk.post(address("fact_change", bulletin.pk), sent)
    again = {place["one"].place.key: place for place in refused.context["proposed"]}[body.removeprefix("words_")]
    assert refused.status_code == 409 and "lauantai-iltaan" in again["stale"]
    assert again["words"].endswith("Kollegan sana.") and "lauantai-iltaan" not in again["words"]
    assert [place["one"].place.key for place in refused.context["proposed"] if place["stale"]] == [
        f"edition:{finnish.pk}:body"
    ]
    assert refused.context["reworded"] == set() and "lauantai-iltaan" in refused.content.decode()

    once_more = posted(refused)
    once_more[body] = again["words"].replace("lauantaihin 4. huhtikuuta", "lauantai-iltaan 4. huhtikuuta asti")
    assert desk.post(address("fact_change", bulletin.pk), once_more).status_code == 302
    finnish.refresh_from_db()
    assert finnish.body == once_more[body].replace("\r\n", "\n") and finnish.body.endswith("Kollegan sana.")
    left.place.row.refresh_from_db()
    assert getattr(left.place.row, left.place.field) == left.before


def test_of_a_published_bulletin_it_opens_the_correction(bulletin, signed_in, alma):
    from bulletins.publication import publish

    publish.publish(approved(bulletin, by=alma), at=NOON)
    desk = signed_in(alma)
    answer = shown(desk, bulletin, fact(bulletin, "2 April").key, "4 April")
    assert "It is published: this opens a correction" in answer.content.decode()

    desk.post(address("fact_change", bulletin.pk), posted(answer))

    now = Bulletin.objects.get(pk=bulletin.pk)
    assert (now.kind, now.version, now.state) == ("correction", 2, "draft")
    assert "4 April" in now.what_changed["en"] and "lauantaihin 4. huhtikuuta" in now.what_changed["fi"]
    assert "4 April" in now.editions.get(language="en").body


@pytest.mark.parametrize(
    ("code", "was", "becomes"),
    [("en", "70 years", "75 years"), ("fi", "70 vuotta", "75 vuotta"), ("sv", "70 år", "75 år")],
)
def test_the_page_of_a_change_names_an_age_in_the_words_of_its_reader(bulletin, signed_in, alma, code, was, becomes):
    from bulletins.publication import publish

    body = {
        "fi": "Apua yli 70-vuotiaille arkisin.",
        "sv": "Hjälp för dem över 70 år.",
        "en": "Help for all over 70 on weekdays.",
    }
    for edition in bulletin.editions.all():
        edition.body = body[edition.language]
        drafts.save_edition(edition, by=alma, at=NOON)
    publish.publish(approved(Bulletin.objects.get(pk=bulletin.pk), by=alma), at=NOON)
    desk, asked = signed_in(alma), {"fact": "duration:70 y"}

    first = desk.get(address("fact_change", bulletin.pk), asked, headers={"accept-language": code})
    second = desk.get(address("fact_change", bulletin.pk), asked | {"to": "75 y"}, headers={"accept-language": code})

    assert f'name="to" value="{was}"' in first.content.decode()
    page = second.content.decode()
    assert f'name="to" value="{becomes}"' in page and second.context["becomes"] == becomes
    assert page.count("75 y<") == page.count("“75 y”") == page.count("”75 y”") == 0
    words = {language: changed for language, _name, changed, _share in second.context["words"]}
    assert (
        "all over 75 on weekdays" in words["en"]
        and "yli 75-vuotiaille" in words["fi"]
        and "dem över 75 år" in words["sv"]
    )


def test_a_refused_change_of_a_published_bulletin_opens_no_correction_and_keeps_what_was_chosen(
    bulletin,
    signed_in,
    alma,
):
    from bulletins.publication import publish

    publish.publish(approved(bulletin, by=alma), at=NOON)
    desk = signed_in(alma)
    answer = shown(desk, bulletin, fact(bulletin, "2 April").key, "4 April")
    sent = posted(answer)
    first = sent["place"][0]
    sent[f"read_{first}"] = "0" * 16
    sent[f"words_{first}"] = "My own words"
    before = all_texts(bulletin)

    refused = desk.post(address("fact_change", bulletin.pk), sent)

    assert refused.status_code == 409 and "My own words" in refused.content.decode()
    now = Bulletin.objects.get(pk=bulletin.pk)
    assert now.state == Bulletin.State.PUBLISHED and all_texts(bulletin) == before


def test_a_value_that_is_none_is_refused_with_the_words_kept(bulletin, signed_in, alma):
    answer = shown(signed_in(alma), bulletin, fact(bulletin, "2 April").key, "soon")

    assert answer.status_code == 422 and 'value="soon"' in answer.content.decode()


def test_undo_is_one_press(bulletin, signed_in, alma):
    before, desk = all_texts(bulletin), signed_in(alma)
    answer = shown(desk, bulletin, fact(bulletin, "2 April").key, "4 April")
    desk.post(address("fact_change", bulletin.pk), posted(answer))

    desk.post(address("fact_undo", bulletin.pk, bulletin.fact_changes.get().pk))

    assert all_texts(bulletin) == before


def test_an_approver_may_look_and_not_change(bulletin, signed_in, oskar):
    desk = signed_in(oskar)

    assert "Change this fact" not in desk.get(address("facts", bulletin.pk)).content.decode()
    assert desk.get(address("fact_change", bulletin.pk), {"fact": "date:04-02"}).status_code == 403
    assert desk.post(address("fact_change", bulletin.pk), {"fact": "date:04-02", "to": "04-04"}).status_code == 403


def test_the_list_costs_the_same_however_many_facts_there_are(bulletin, signed_in, alma, django_assert_max_num_queries):
    desk = signed_in(alma)
    desk.get(address("facts", bulletin.pk))
    with django_assert_max_num_queries(24):
        desk.get(address("facts", bulletin.pk))


def test_a_value_that_the_texts_have_already_is_said_at_once(bulletin, signed_in, alma):
    answer = shown(signed_in(alma), bulletin, fact(bulletin, "2 April").key, "2 April")

    assert answer.status_code == 422 and "The texts say that already." in answer.content.decode()


def test_the_page_of_an_update_shows_what_is_different(campaign, signed_in, alma):
    first = builders.build_input(campaign, body="Boil it until 2 April.", language="en")
    made = builders.build_bulletin(campaign, by=alma, inputs=[first])
    newer = submissions.submit(
        campaign=campaign, authority=first.authority, by=first.submitted_by, at=NOON, title=first.title,
        body="Boil it until 4 April.", language="en", replaces=first,
    )  # fmt: skip

    page = signed_in(alma).get(reverse("admin:bulletins_messageinput_change", args=[newer.pk])).content.decode()

    assert f"An update of {first.reference}" in " ".join(page.split()) and "<ins" in page and "<del" in page
    assert address("facts", made.pk) in page


def hundreds(bulletin: Bulletin, by) -> str:
    """Give the English text two hundred facts, and return it."""
    edition = bulletin.editions.get(language="en")
    days = [f"On {day} {month} we serve {number} people." for number, (day, month) in enumerate(
        ((day, month) for month in ("May", "June", "July", "August") for day in range(1, 26)), start=1000
    )]  # fmt: skip
    edition.body = " ".join(days)
    drafts.save_edition(edition, by=by, at=NOON)
    return edition.body


def test_what_is_typed_into_a_correction_stands_in_what_changed(bulletin, signed_in, alma):
    publish.publish(approved(bulletin, by=alma), at=NOON)
    desk, english = signed_in(alma), bulletin.editions.get(language="en")
    made = desk.post(
        address("fact_change", bulletin.pk), posted(shown(desk, bulletin, fact(bulletin, "2 April").key, "4 April"))
    )
    assert made.status_code == 302
    english.refresh_from_db()

    def typed(body):
        answer = desk.post(
            address("words", bulletin.pk, english.pk), {"body": body}, headers={"Accept": "application/json"}
        )
        return answer.json()["says_anew"]

    assert typed(f"{english.body} Water is handed out at the town hall.")
    assert "New: “Water is handed out at the town hall.”" in Bulletin.objects.get().what_changed["en"]
    assert not typed(f"{english.body} Water is  handed out at the town hall.")


def test_two_hundred_facts_in_a_text_are_listed_and_changed_in_time(bulletin, signed_in, alma):
    hundreds(bulletin, alma)
    desk = signed_in(alma)
    desk.get(address("facts", bulletin.pk))  # what is compiled once
    began = time.process_time()
    empty = desk.get(reverse("health_live"))
    nothing = time.process_time() - began
    began = time.process_time()
    page = desk.get(address("facts", bulletin.pk)).content.decode()
    listed = time.process_time() - began
    began = time.process_time()
    answer = shown(desk, bulletin, "date:05-01", "2 September")
    changed = time.process_time() - began

    assert empty.status_code == 200 and page.count("Change this fact") >= 200
    assert '<option\n    value="date">dates</option>' in page and 'value="sv">Swedish</option>' in page
    assert page.count('<li data-kind="date" data-languages="') > 100
    assert "2 September" in answer.content.decode()
    assert max(listed, changed) < max(2, 100 * nothing)


@pytest.mark.parametrize(
    ("typed", "says"), [("29 February", "no 29 February"), ("Friday 4 April", "that day is a Saturday")]
)
def test_a_value_that_nobody_would_say_is_refused_with_its_reason(bulletin, signed_in, alma, typed, says):
    answer = shown(signed_in(alma), bulletin, fact(bulletin, "2 April").key, typed)

    assert (
        answer.status_code == 422 and says in answer.content.decode() and f'value="{typed}"' in answer.content.decode()
    )


def test_mark_up_in_a_typed_value_is_shown_as_text(bulletin, signed_in, alma):
    answer = shown(signed_in(alma), bulletin, fact(bulletin, "2 April").key, "<script>alert(1)</script>")

    assert answer.status_code == 422 and "<script>alert" not in answer.content.decode()


def test_one_mention_is_left_by_its_own_tick(bulletin, signed_in, alma):
    desk = signed_in(alma)
    answer = shown(desk, bulletin, fact(bulletin, "2 April").key, "4 April")
    english = bulletin.editions.get(language="en")
    one = next(
        place["one"] for place in answer.context["proposed"] if place["one"].place.key == f"edition:{english.pk}:body"
    )
    sent = posted(answer)
    assert len(one.mentions) == 2
    del sent[f"take_{one.mentions[1].key}"]

    desk.post(address("fact_change", bulletin.pk), sent)

    body = bulletin.editions.get(language="en").body
    assert "Saturday 4 April" in body and "open on 2 April" in body


def test_of_two_editors_the_second_learns_who_changed_it_to_what_and_keeps_value_and_reason(bulletin, signed_in, alma):
    bulletin.inputs.add(builders.build_input(bulletin.campaign, language="en", body="Boil it until 2 April 2026."))
    emil = builders.build_user("emil", "editor")
    desk, row = signed_in(alma), fact(bulletin, "2 April")
    answer = shown(desk, bulletin, row.key, "4 April")
    sent = posted(answer) | {"reason": "The city, by phone at 2:40"}
    other = shown(signed_in(emil), bulletin, row.key, "5 April")
    signed_in(emil).post(address("fact_change", bulletin.pk), posted(other) | {"reason": "The ministry, by phone"})

    refused = signed_in(alma).post(address("fact_change", bulletin.pk), sent)

    page = refused.content.decode()
    assert refused.status_code == 409 and "emil changed it to" in page.lower() and "5 April" in page
    assert 'value="The city, by phone at 2:40"' in page and "lauantaihin 4. huhtikuuta" in page
    assert signed_in(alma).post(address("fact_change", bulletin.pk), posted(refused)).status_code == 302
    assert "lauantaihin 4. huhtikuuta" in bulletin.editions.get(language="fi").body


def test_the_pages_of_facts_say_what_a_press_does_and_offer_nothing_that_is_refused(bulletin, signed_in, alma):
    from bulletins.publication import publish

    desk, warning = signed_in(alma), "This change takes it out of review"
    assert warning not in shown(desk, bulletin, fact(bulletin, "2 April").key, "4 April").content.decode()
    page = desk.post(
        address("fact_change", bulletin.pk), posted(shown(desk, bulletin, fact(bulletin, "2 April").key, "4 April"))
    )
    assert page.status_code == 302 and ">Undo<" in desk.get(address("facts", bulletin.pk)).content.decode()
    builders.submitted(Bulletin.objects.get(pk=bulletin.pk), by=alma)
    answer = shown(desk, bulletin, fact(bulletin, "4 April").key, "5 April")
    page = " ".join(answer.content.decode().split())
    assert 0 < page.index(warning) < page.index("places, as they will read"), "it is said before the places"
    assert f"{len(answer.context['proposed'])} places, as they will read" in " ".join(answer.content.decode().split())

    assert desk.post(address("fact_change", bulletin.pk), posted(answer)).status_code == 302
    assert "It has to be submitted again." in desk.get(address("facts", bulletin.pk)).content.decode()
    publish.publish(approved(Bulletin.objects.get(pk=bulletin.pk), by=alma), at=NOON)

    assert ">Undo<" not in desk.get(address("facts", bulletin.pk)).content.decode()


def test_an_update_leads_to_the_bulletin_that_it_changes_and_through_each_change(campaign, signed_in, alma, oskar):
    first = builders.build_input(campaign, body="Boil it until 2 April. Call 03 565 8000.", language="en")
    made = builders.build_bulletin(campaign, by=alma, inputs=[first])
    edition = made.editions.get(language="en")
    edition.body = first.body
    drafts.save_edition(edition, by=alma, at=NOON)
    newer = submissions.submit(
        campaign=campaign, authority=first.authority, by=first.submitted_by, at=NOON, title=first.title,
        body="Boil it until 4 April. Call 03 565 8111. Bring your own cans.", language="en", replaces=first,
    )  # fmt: skip
    desk, proposes = signed_in(alma), f"{address('facts', made.pk)}?update={newer.pk}"

    page = " ".join(desk.get(reverse("admin:bulletins_messageinput_change", args=[newer.pk])).content.decode().split())
    assert f'<a class="btn" href="{proposes}">Propose it in bulletin {made.number}</a>' in page
    assert page.index("Propose it in bulletin") < page.index("Start a bulletin from this")
    said = f"Update of {first.reference}, used in bulletin {made.number}."
    assert said in desk.get(reverse("admin:index")).content.decode()
    assert (
        f"update of {first.reference}" in desk.get(reverse("admin:bulletins_messageinput_changelist")).content.decode()
    )

    date = desk.get(proposes, follow=True)
    assert date.context["update"] == newer
    phone = desk.post(address("fact_change", made.pk), posted(date), follow=True)
    assert phone.context["row"].kind == "phone" and "03 565 8111" in phone.content.decode()
    assert "1 of 3" in date.content.decode() and "2 of 3" in phone.content.decode()
    last = desk.post(address("fact_change", made.pk), posted(phone), follow=True)
    assert "3 of 3" in last.content.decode() and made.editions.get(language="en").body in newer.body
    (one,) = last.context["news"]
    sent = {"new": one["new"].key, "update": newer.pk, "of": 3}
    refused = desk.post(address("fact_news", made.pk), sent | {f"words_{edition.pk}": "Bring cans."})
    assert "Write it in this language too" in refused.content.decode() and "Bring cans." in refused.content.decode()
    check = desk.get(reverse("admin:bulletins_bulletin_findings", args=[made.pk])).content.decode()
    assert f"{address('fact_news', made.pk)}?update={newer.pk}" in check
    words = {f"words_{field['edition'].pk}": f"Bring cans, {field['edition'].language}." for field in one["fields"]}
    end = desk.post(address("fact_news", made.pk), sent | words)
    assert end["location"].endswith("#check") and newer in made.inputs.all()
    assert {row.body.rpartition("\n\n")[2] for row in made.editions.exclude(body="")} == set(words.values())
    assert signed_in(oskar).post(address("fact_news", made.pk), sent).status_code == 403


def test_what_an_update_says_that_is_new_is_put_in_with_one_press(campaign, signed_in, alma, oskar):
    first = builders.build_input(campaign, body="Boil it until 2 April.", language="en")
    made = builders.build_bulletin(campaign, by=alma, inputs=[first])
    new = "Wells <b>are</b> safe to use."
    submissions.submit(
        campaign=campaign, authority=first.authority, by=first.submitted_by, at=NOON, title=first.title, body=first.body,
        language="en", replaces=first, facts=[{"text": new}],
    )  # fmt: skip
    desk, facts = signed_in(alma), address("facts", made.pk)
    page = desk.get(facts)
    (one,) = page.context["additions"]
    assert "not in the bulletin yet" in page.content.decode() and new not in page.content.decode()
    assert 'data-puts="Wells &lt;b&gt;are' in desk.get(facts, headers={"HX-Request": "true"}).content.decode()
    english = made.editions.get(language="en")
    offered = desk.get(reverse("admin:bulletins_bulletin_insertions", args=[made.pk, english.pk])).json()["insertions"]
    assert offered[0] == {"kind": "New in the update", "name": new, "text": new}
    assert "Add as a key message" not in signed_in(oskar).get(facts).content.decode()
    assert signed_in(oskar).post(address("fact_add", made.pk), {"new": one.key}).status_code == 403

    (update,) = page.context["unused"]
    assert "No date, number or" in page.content.decode() and update not in made.inputs.all()
    assert signed_in(oskar).post(address("fact_add", made.pk), {"update": update.pk}).status_code == 403
    assert (
        "made of the update now"
        in desk.post(address("fact_add", made.pk), {"update": update.pk}, follow=True).content.decode()
    )
    assert update in made.inputs.all() and not desk.get(facts).context["unused"]

    answer = desk.post(address("fact_add", made.pk), {"new": one.key})
    assert answer["Location"].endswith("#pane-rows") and made.key_messages.last().text == {"en": new}
    assert "not in the bulletin yet" not in desk.get(facts).content.decode()
    again = desk.post(address("fact_add", made.pk), {"new": one.key}, follow=True).content.decode()
    assert "Not added: the bulletin says it by now" in again and made.key_messages.filter(text={"en": new}).count() == 1
