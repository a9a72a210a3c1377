"""For how long a work may be used: its end, who is told before, what is off the site then, and longer use that both sides agree to."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.privacy import data_subjects, retention
from accounts.privacy.data_subjects import Person
from campaigns.models import PageChange
from notifications.models import Notice
from stories.commissions import applications, drafts, extensions, ledger, personal_data, rights
from stories.commissions.commission_states import NotDone
from stories.models import Commission, CommissionAgreement, CommissionExtension, CommissionFile, CommissionPayment
from tests.support import builders
from tests.support.builders import editor, in_all
from website.pages import sitemap

from . import scene

pytestmark = pytest.mark.django_db
Term, TermFrom = Commission.Term, Commission.TermFrom
YEAR = {"term": Term.YEAR}


@pytest.fixture
def saga(campaign, noon, roles):
    return scene.build_creator(campaign, at=noon)


def told(kind: str) -> list[str]:
    return sorted(Notice.objects.filter(kind=kind).values_list("person__email", flat=True))


def end_of(commission: Commission) -> str:
    """Return the end of a work in the campaign's zone, "" for none."""
    ends_at = scene.fresh(commission).rights_end_at
    return commission.campaign.local(ends_at).strftime("%Y-%m-%d %H:%M:%S") if ends_at else ""


def is_shown(commission: Commission, *, at: datetime) -> bool:
    return Commission.objects.done(commission.campaign, at=at).filter(pk=commission.pk).exists()


def end_now(commission: Commission) -> Commission:
    """Let the time of a work be over since a second ago."""
    Commission.objects.filter(pk=commission.pk).update(rights_end_at=timezone.now() - timedelta(seconds=1))
    return scene.fresh(commission)


# --- When it ends -----------------------------------------------------------------------------------------


def test_a_year_counts_from_acceptance_or_from_first_publication_as_the_brief_says(campaign, noon, saga):
    later = noon + timedelta(days=40)
    accepted = scene.build_accepted(campaign, saga, at=noon, **YEAR)
    published = scene.build_accepted(campaign, saga, at=noon, term=Term.FIVE_YEARS, term_from=TermFrom.PUBLISHED)
    forever, campaigns = (scene.build_accepted(campaign, saga, at=noon, term=one) for one in (Term.ALWAYS, "campaign"))
    assert [end_of(one) for one in (accepted, published)] == ["2027-03-25 23:59:59", ""]
    for one in (accepted, published, forever, campaigns):
        drafts.publish(one, by=editor(), at=later)
    ends = [end_of(one) for one in (accepted, published, forever, campaigns)]
    assert ends == ["2027-03-25 23:59:59", "2031-05-04 23:59:59", "", ""]
    drafts.take_down(published, by=editor(), at=later)
    drafts.publish(published, by=editor(), at=later + timedelta(days=300))  # gains no time
    assert end_of(published) == "2031-05-04 23:59:59"


def test_a_year_from_a_leap_day_ends_on_the_last_of_february(campaign):
    leap_day = datetime(2028, 2, 29, 12, tzinfo=campaign.zone)
    assert rights.years_after(campaign, leap_day, 1) == datetime(2029, 2, 28, 23, 59, 59, tzinfo=campaign.zone)


def test_the_agreement_says_from_when_it_counts(campaign, noon, saga):
    counted = scene.build_chosen(campaign, saga, at=noon, term=Term.YEAR, term_from=TermFrom.PUBLISHED)
    forever = scene.build_chosen(campaign, saga, at=noon)
    words = [applications.rights_in_words(one) for one in (counted, forever)]
    assert "for one year, counted from the day on which it is first published" in words[0]
    assert "counted" not in words[1]


def test_of_works_accepted_under_earlier_code_the_end_is_written_down(campaign, noon, saga):
    commission = scene.build_published(campaign, saga, at=noon, **YEAR)
    Commission.objects.filter(pk=commission.pk).update(rights_end_at=None)
    assert rights.follow(at=noon) == 1
    assert end_of(commission) == "2027-03-25 23:59:59"
    assert rights.follow(at=noon) == 0


# --- What happens then --------------------------------------------------------------------------------------


def test_whoever_asked_is_told_once_before_the_end(campaign, noon, saga, settings):
    settings.COMMISSION_END_DAYS = 30
    commission = scene.build_published(campaign, saga, at=noon, **YEAR)
    unseen = scene.build_accepted(campaign, saga, at=noon, **YEAR)
    ends_at = commission.rights_end_at
    assert ends_at is not None and ends_at == unseen.rights_end_at
    rights.follow(at=ends_at - timedelta(days=30, seconds=1))
    assert told("commission_ends") == []
    for _time in range(2):
        rights.follow(at=ends_at - timedelta(days=30))
    assert told("commission_ends") == ["editor@example.org"]
    assert "25.3.2027 asti" in Notice.objects.get(kind="commission_ends").text


def test_where_nobody_who_asked_is_left_their_colleagues_are_told(campaign, noon, saga):
    commission = scene.build_published(campaign, saga, at=noon, **YEAR)
    colleague, asker = builders.build_user("colleague", "editor"), editor()
    asker.is_active = False
    asker.save()
    assert commission.rights_end_at is not None
    rights.follow(at=commission.rights_end_at - timedelta(days=1))
    assert colleague.email in told("commission_ends") and asker.email not in told("commission_ends")


def test_a_work_is_shown_up_to_its_last_second_and_not_after_it_whatever_the_tick_does(campaign, noon, saga):
    commission = scene.build_published(campaign, saga, at=noon, **YEAR)
    ends_at = commission.rights_end_at
    assert ends_at is not None
    assert is_shown(commission, at=ends_at - timedelta(seconds=1))
    assert not is_shown(commission, at=ends_at)
    assert commission.may_be_used(at=ends_at - timedelta(seconds=1)) and not commission.may_be_used(at=ends_at)


def test_what_is_over_is_gone_from_page_picture_list_and_sitemap_and_the_ledger_stays(client, campaign, saga, root):
    now = timezone.now()
    commission = scene.build_published(campaign, saga, at=now, **YEAR)
    scene.pay(commission, at=now)
    ledger.open_for_all(campaign, typed=campaign.slug, by=root, at=now)
    picture = reverse("commissions:picture", args=[CommissionFile.objects.get().pk])
    page, works = f"/en/commissions/{commission.pk}/", "/en/commissions/"
    assert [client.get(one).status_code for one in (page, picture)] == [200, 200]
    assert page in client.get(works).text
    end_now(commission)
    gone = [client.get(one) for one in (page, picture)]
    assert [(one.status_code, one["Cache-Control"]) for one in gone] == [(410, "no-store")] * 2
    assert "no longer here" in gone[0].text and "Three illustrations" not in gone[0].text
    assert page not in client.get(works).text
    assert "commissions:work" not in {one.name for one in sitemap.sitemap_pages(campaign, at=timezone.now())}
    rights.follow(at=timezone.now())
    assert "paid, rights ended" in client.get("/en/commissions/ledger/").text
    assert ",rights_ended," in client.get("/en/commissions/ledger.csv").content.decode()
    assert CommissionPayment.objects.get().amount == 1800


def test_that_it_is_over_is_written_down_once_and_no_kept_page_shows_it(campaign, noon, saga):
    commission = scene.build_published(campaign, saga, at=noon, **YEAR)
    ends_at = commission.rights_end_at
    assert ends_at is not None
    before = PageChange.objects.filter(takes_back=True).count()
    assert [rights.follow(at=ends_at) for _time in range(2)] == [1, 0]
    assert PageChange.objects.filter(takes_back=True).count() == before + 1
    assert AuditEntry.objects.filter(verb="commission.rights_over").count() == 1
    assert scene.fresh(commission).state_words == "rights ended"


def test_a_work_whose_time_is_over_is_not_published(campaign, noon, saga):
    commission = scene.build_accepted(campaign, saga, at=noon, **YEAR)
    assert commission.rights_end_at is not None
    with pytest.raises(NotDone, match="time in which it may be used is over"):
        drafts.publish(commission, by=editor(), at=commission.rights_end_at)
    assert scene.fresh(commission).published_at is None


# --- Longer use ---------------------------------------------------------------------------------------------


def test_nothing_changes_before_the_creator_has_agreed_to_exactly_these_words(campaign, noon, saga):
    other = scene.build_creator(campaign, "otto", at=noon)
    commission = scene.build_published(campaign, saga, at=noon, **YEAR)
    before = scene.fresh(commission).rights_end_at
    row = extensions.ask(commission, term="year", by=editor(), at=noon)
    assert told("commission_longer") == ["saga@example.org"]
    assert "25.3.2028 asti" in Notice.objects.get(kind="commission_longer").text
    for wrong in (
        lambda: extensions.agree(commission, other, digest=row.digest, at=noon),
        lambda: extensions.decline(commission, other, at=noon),
        lambda: extensions.agree(commission, saga, digest="0" * 64, at=noon),
        lambda: extensions.ask(commission, term="year", by=editor(), at=noon),  # one at a time
    ):
        with pytest.raises(NotDone), transaction.atomic():
            wrong()
    assert scene.fresh(commission).rights_end_at == before
    CommissionExtension.objects.update(content={**row.content, "ends_at": None})
    with pytest.raises(NotDone, match="has changed"):
        extensions.agree(commission, saga, digest=row.digest, at=noon)
    CommissionExtension.objects.update(content=row.content)
    extensions.agree(commission, saga, digest=row.digest, at=noon)
    assert end_of(commission) == "2028-03-25 23:59:59"
    assert told("commission_extended") == ["editor@example.org"]
    entry = AuditEntry.objects.get(verb="commission.extension_agreed")
    assert (entry.actor, entry.digest) == (saga.user, row.digest)
    assert CommissionAgreement.objects.get().digest == row.content["agreement"]  # the first one stays


def test_a_creator_declines_and_staff_ask_no_more_and_all_stays(campaign, noon, saga):
    commission = scene.build_published(campaign, saga, at=noon, **YEAR)
    before = scene.fresh(commission).rights_end_at
    extensions.ask(commission, term="always", by=editor(), at=noon)
    extensions.decline(commission, saga, at=noon)
    assert told("commission_refused") == ["editor@example.org"]
    row = extensions.ask(commission, term="five_years", by=editor(), at=noon)
    extensions.withdraw(commission, by=editor(), at=noon)
    with pytest.raises(NotDone, match="not asked any more"):
        extensions.agree(commission, saga, digest=row.digest, at=noon)
    assert (scene.fresh(commission).rights_end_at, scene.fresh(commission).term) == (before, Term.YEAR)


def test_what_is_over_is_shown_again_once_the_creator_agrees_and_counts_from_then(campaign, noon, saga):
    commission = scene.build_published(campaign, saga, at=noon, **YEAR)
    later = noon + timedelta(days=800)
    rights.follow(at=later)
    assert not is_shown(commission, at=later)
    row = extensions.ask(commission, term="year", by=editor(), at=later)
    extensions.agree(commission, saga, digest=row.digest, at=later)
    assert is_shown(commission, at=later) and end_of(commission) == "2029-06-02 23:59:59"
    assert rights.follow(at=later) == 0
    rights.follow(at=later + timedelta(days=364))  # staff are told of the new end too
    assert told("commission_ends") == ["editor@example.org"]


def test_longer_use_without_a_limit_and_of_a_work_of_a_closed_campaign(campaign, noon, saga):
    commission = scene.build_published(campaign, saga, at=noon, term=Term.CAMPAIGN)
    campaign.closed_at = noon
    campaign.save()
    assert not is_shown(commission, at=noon)
    row = extensions.ask(commission, term="always", by=editor(), at=noon)
    assert row.content["lines"][2][1] == "niin kauan kuin kampanja kestää"
    extensions.agree(commission, saga, digest=row.digest, at=noon)
    assert is_shown(commission, at=noon + timedelta(days=9999))
    with pytest.raises(NotDone, match="no end"):
        extensions.ask(commission, term="year", by=editor(), at=noon)


def test_nobody_is_asked_who_cannot_answer_nor_for_a_time_that_has_not_begun(campaign, noon, saga):
    waits = scene.build_accepted(campaign, saga, at=noon, term=Term.YEAR, term_from=TermFrom.PUBLISHED)
    commission = scene.build_published(campaign, saga, at=noon, **YEAR)
    for one, term in ((waits, "year"), (commission, "campaign"), (commission, "")):
        with pytest.raises(NotDone):
            extensions.ask(one, term=term, by=editor(), at=noon)
    saga.user.is_active = False
    saga.user.save()
    with pytest.raises(NotDone, match="no login"):
        extensions.ask(commission, term="year", by=editor(), at=noon)
    assert not CommissionExtension.objects.exists()


def test_an_answer_that_comes_after_the_new_end_changes_nothing(campaign, noon, saga):
    commission = scene.build_published(campaign, saga, at=noon, **YEAR)
    row = extensions.ask(commission, term="year", by=editor(), at=noon)
    with pytest.raises(NotDone, match="day is over"):
        extensions.agree(commission, saga, digest=row.digest, at=noon + timedelta(days=900))
    assert end_of(commission) == "2027-03-25 23:59:59"


def test_the_database_keeps_one_question_at_a_time_and_one_answer(campaign, noon, saga):
    commission = scene.build_published(campaign, saga, at=noon, **YEAR)
    row = extensions.ask(commission, term="year", by=editor(), at=noon)
    with pytest.raises(IntegrityError), transaction.atomic():
        CommissionExtension.objects.filter(pk=row.pk).update(agreed_at=noon, declined_at=noon)
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


# --- Pages --------------------------------------------------------------------------------------------------


def test_the_end_is_on_the_pages_of_both_sides_and_they_agree_there_to_more(client, signed_in, campaign, alma, saga):
    now = timezone.now()
    commission = scene.build_published(campaign, saga, at=now, title=in_all(en="Water"), **YEAR)
    day = rights.day_of(commission, commission.rights_end_at)
    at_desk, own = (
        reverse("admin:stories_commission_change", args=[commission.pk]),
        f"/en/commissions/own/{commission.pk}/",
    )
    desk = signed_in(alma)
    client.force_login(saga.user)
    pages = [desk.get(at_desk), client.get(own), client.get("/en/commissions/own/")]
    assert all(f"may be used until {day}" in " ".join(one.text.split()) for one in pages)
    assert desk.post(at_desk, {"ask_extension": "yes", "term": "year"}).status_code == 302
    assert "has not answered yet" in desk.get(at_desk).text
    row = CommissionExtension.objects.get()
    assert row.digest in client.get(own).text
    agrees = {"agree_longer": "yes", "digest": row.digest}
    assert client.post(own, agrees).status_code == 422  # without the tick nothing is agreed
    assert scene.fresh(commission).rights_end_at == commission.rights_end_at
    assert client.post(own, agrees | {"agrees": "on"}).status_code == 302
    assert scene.fresh(commission).rights_end_at == row.ends_at
    assert "You agreed to longer use" in " ".join(client.get(own).text.split())
    assert client.post(own, {"decline_longer": "yes"}).status_code == 409
    desk.post(at_desk, {"ask_extension": "yes", "term": "always"})
    assert desk.post(at_desk, {"withdraw_extension": "yes"}).status_code == 302
    assert scene.fresh(commission).rights_end_at == row.ends_at


def test_who_accepts_or_pays_asks_for_no_longer_use(signed_in, campaign, oskar, saga):
    commission = scene.build_published(campaign, saga, at=timezone.now(), **YEAR)
    at_desk, desk = reverse("admin:stories_commission_change", args=[commission.pk]), signed_in(oskar)
    assert 'name="ask_extension"' not in desk.get(at_desk).text
    assert desk.post(at_desk, {"ask_extension": "yes", "term": "year"}).status_code == 403
    assert not CommissionExtension.objects.exists()


# --- Privacy ------------------------------------------------------------------------------------------------


def test_what_was_agreed_about_longer_use_is_handed_out_and_forgotten_with_the_agreement(campaign, noon, saga):
    commission = scene.build_published(campaign, saga, at=noon, **YEAR)
    scene.pay(commission, at=noon)
    row = extensions.ask(commission, term="year", by=editor(), at=noon)
    held = {one.part.kind: one.rows for one in data_subjects.collect(Person.of("saga@example.org"))}
    assert held["commission_extensions"][0]["content"] == row.content
    personal_data.forget_creator(Person.of("saga@example.org"), None, noon)
    row.refresh_from_db()
    assert row.withdrawn_at == noon
    picture = CommissionFile.objects.get().file
    books = noon + timedelta(days=retention.rule("commission_agreements").days + 1)
    Commission.objects.update(rights_end_at=books + timedelta(days=1))
    personal_data.forget_agreements(books)
    row.refresh_from_db()
    assert row.content == {} and picture.storage.exists(picture.name)  # it is shown still
    personal_data.forget_agreements(books + timedelta(days=1))
    assert not CommissionFile.objects.exists() and not picture.storage.exists(picture.name)
