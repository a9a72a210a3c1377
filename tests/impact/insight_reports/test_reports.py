"""A report of a week: counted without telling of a few, written and judged by people, approved by another, public without what is not."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.translation import override

from agreement.refusals import Refused
from impact.insight_reports import figures, files, report_steps
from impact.insight_reports.pending_work import reports_to_approve
from impact.insight_reports.public_part import content_of
from impact.insight_reports.report_view import view_of
from impact.insight_reports.report_words import names_somebody
from impact.models import InsightReport
from impact.weeks import Week
from notifications import notice_kinds
from notifications.models import Notice
from tests.support import builders
from tests.support.tagged_pdf import TaggedPdf

from . import scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(campaign, noon):
    return scene.week(campaign, noon)


def test_a_week_is_counted_once_and_tells_nothing_of_fewer_than_five(campaign, noon, made, alma):
    report = scene.drafted(campaign, by=alma, at=noon)
    report.refresh_from_db()
    told = report.figures

    assert told["sightings"]["all"] == 19 and [one["seen"] for one in told["claims"]] == [12, 7]
    assert told["claims"][0]["before"] == 6
    assert told["sightings"]["platforms"] == [[["tiktok"], 12], [["youtube"], 7]]
    assert told["claims"][1]["reach"] is None  # nobody knows: a gap, no zero
    # The small group hides a second one, so that neither is the sum without the rest.
    assert [(one["slug"], one["asked"]) for one in told["questions"]["rows"]] == [("void", 31)]
    assert told["questions"]["other_groups"] == 2 and told["questions"]["all"] == 42
    # Proposed from data: thousands saw it, and it grows.
    assert report.judged[str(made["public"].pk)] == {"reach": 2, "doubt": 3}
    assert report.judged[str(made["secret"].pk)] == {}
    assert report.words["en"]["title"] == "Nobody has answered: Label of void?"
    scene.see(made["public"], 5, noon)
    report.refresh_from_db()
    assert report.figures["sightings"]["all"] == 19
    whole = json.dumps([report.figures, report.words])
    assert not any(word in whole for word in ("my own words", "mychannel", "secretgroup"))


def test_only_a_week_that_is_over_is_drafted_and_once(campaign, noon, made, alma):
    scene.drafted(campaign, by=alma, at=noon)
    for week in (scene.last_week(campaign, noon), scene.last_week(campaign, noon).after()):
        with pytest.raises(Refused):
            report_steps.draft(campaign, week, by=alma, at=noon)
    assert InsightReport.objects.count() == 1


def test_what_waits_for_its_hour_is_in_no_report(campaign, noon, made, alma, oskar):
    version = builders.build_published_version(campaign, at=noon - timedelta(days=5))
    assert [
        one["pk"] for one in figures.count(campaign, scene.last_week(campaign, noon), at=noon)["done"]["bulletins"]
    ] == [version.bulletin_id]
    type(version).objects.filter(pk=version.pk).update(published_at=noon + timedelta(hours=1))
    assert figures.count(campaign, scene.last_week(campaign, noon), at=noon)["done"]["bulletins"] == []


def test_few_are_said_to_be_few_and_a_true_claim_is_no_falsehood(campaign, noon, alma):
    begun = scene.last_week(campaign, noon).begins(campaign.zone)
    claim = builders.build_claim(campaign, published=False, at=begun, fact=builders.in_all(en="It cures nothing."))
    builders.publish_claim(claim, "true", at=begun)
    scene.see(claim, 3, noon)
    scene.see(claim, 6, noon - timedelta(weeks=1))
    type(campaign).objects.filter(pk=campaign.pk).update(starts_on=begun - timedelta(weeks=2))
    campaign.refresh_from_db()

    report = scene.drafted(campaign, by=alma, at=noon)

    assert report.words["en"]["title"] == "Seen most: Garlic cures it (true)"
    with override("en"):
        chart = view_of(content_of(report), campaign).charts[0]
    assert chart.title == "Claims seen: fewer than 5, week 12"
    assert chart.finding == "Fewer than 5 in week 12: not drawn."
    assert report.figures["claims"][0]["seen"] is None and report.figures["claims"][0]["platforms"] == []


def test_it_is_submitted_only_complete_and_without_accounts(campaign, noon, made, alma):
    report = scene.drafted(campaign, by=alma, at=noon)
    with pytest.raises(Refused, match="A claim has no reach"):
        report_steps.submit(report, by=alma, at=noon)
    scene.complete(report, by=alma, at=noon)
    report_steps.save_words(report, "en", {"lead": "It began with @someone"}, {}, by=alma, at=noon)
    with pytest.raises(Refused, match="names an account"):
        report_steps.submit(report, by=alma, at=noon)
    report.refresh_from_db()
    report.days = ["2020-01-01"]
    assert any("before the week was over" in one for one in report_steps.faults(report))
    assert report.state == report.State.DRAFT
    assert names_somebody("see https://x.example") and not names_somebody("at 12 @ noon")


def test_whoever_may_approve_a_report_is_told_and_whoever_wrote_it_when_it_comes_back(
    campaign, noon, made, alma, oskar
):
    report = scene.drafted(campaign, by=alma, at=noon)
    scene.complete(report, by=alma, at=noon)

    report_steps.submit(report, by=alma, at=noon)
    report_steps.send_back(report, remark="Say what helps.", by=oskar, at=noon)

    wanted = Notice.objects.filter(kind="report_wanted").values_list("person", flat=True)
    assert oskar.pk in wanted and alma.pk not in wanted
    back = Notice.objects.get(kind="report_sent_back")
    assert (back.person, back.text) == (alma, "Say what helps.")
    kind = notice_kinds.get("report_wanted")
    assert kind.says % kind.values(report) == f"The rumour and insight report of week {report.code} needs your approval"
    assert kind.page(report, oskar) == reverse("admin:impact_insightreport_change", args=[report.pk])


def test_a_second_person_approves_exactly_what_they_read(campaign, noon, made, alma, oskar):
    report = scene.drafted(campaign, by=alma, at=noon)
    scene.complete(report, by=alma, at=noon)
    assert not reports_to_approve(campaign, oskar, noon)
    report_steps.submit(report, by=alma, at=noon)
    report.refresh_from_db()
    (waiting,) = reports_to_approve(campaign, oskar, noon)
    assert f"week {Week(report.week_on).number} needs approval" in waiting.words and not reports_to_approve(
        campaign, alma, noon
    )
    for digest, by in ((report_steps.REPORT.digest_of(report), alma), ("0" * 64, oskar)):
        with pytest.raises(Refused):
            report_steps.approve(report, digest=digest, by=by, at=noon)
    report.refresh_from_db()
    assert report.state == report.State.IN_REVIEW and report.approved == {}

    report_steps.approve(report, digest=report_steps.REPORT.digest_of(report), by=oskar, at=noon)

    # Another version: readers keep this one, and whoever writes it cannot approve it.
    report_steps.reopen(report, by=oskar, at=noon)
    report.refresh_from_db()
    report_steps.save_words(report, "en", {"title": "Changed"}, {}, by=oskar, at=noon)
    report_steps.submit(report, by=alma, at=noon)
    report.refresh_from_db()
    assert report.approved["words"]["en"]["title"].startswith("Finding en")
    with pytest.raises(Refused, match="You worked on this text"):
        report_steps.approve(report, digest=report_steps.REPORT.digest_of(report), by=oskar, at=noon)


def test_two_people_at_once_lose_nothing(campaign, noon, made, alma, oskar, signed_in):
    report = scene.drafted(campaign, by=alma, at=noon)
    page = reverse("admin:impact_insightreport_words", args=[report.pk, "en"])
    client = desk(signed_in, alma, campaign)
    form = client.get(page).context["form"]
    sent = {field.html_name: field.value() or "" for field in form}
    report_steps.save_words(report, "en", {"title": "Theirs", "lead": "Their summary"}, {}, by=oskar, at=noon)

    answer = client.post(page, sent | {"title": "Mine", "who1": "The ministry"})

    assert answer.status_code == 409
    told = answer.content.decode()
    assert "Theirs" in told and 'value="Mine"' in told and "Their summary" in told
    report.refresh_from_db()
    assert report.words["en"]["title"] == "Theirs" and report.words["en"]["who1"] == "The ministry"
    again = {field.html_name: field.value() or "" for field in answer.context["form"]}
    assert client.post(page, again).status_code == 302
    report.refresh_from_db()
    assert report.words["en"]["title"] == "Mine" and report.words["en"]["lead"] == "Their summary"


def desk(signed_in, person, campaign):
    client = signed_in(person)
    session = client.session
    session["desk_campaign"] = campaign.pk
    session.save()
    return client


def test_everyone_reads_only_what_is_public_and_nothing_that_is_withdrawn_since(
    campaign, noon, made, alma, oskar, client, time_machine
):
    time_machine.move_to(noon, tick=False)
    report = scene.approved(campaign, by=alma, approver=oskar, at=noon)
    with override("en"):
        page, data = reverse("insight:report", args=[report.code]), reverse("insight:data", args=[report.code])
    shown, told = client.get(page).content.decode(), client.get(data).content.decode()
    for text in (shown, told):
        assert "Garlic cures it" in text and "Finding en" in text
        assert not any(
            word in text
            for word in ("secret rumour", "secretgroup", "mychannel", "my own words", alma.email, str(alma))
        )
    assert "1 more claim is being checked" in shown

    builders.pause_claim(made["public"], by=alma, at=noon)

    assert "Garlic" not in client.get(page).content.decode() + client.get(data).content.decode()
    report_steps.withdraw(report, by=alma, at=noon)
    withdrawn = client.get(page)
    assert withdrawn.status_code == 200 and "Finding" not in withdrawn.content.decode()
    assert "This report has been withdrawn" in withdrawn.content.decode() and "noindex" in withdrawn.content.decode()
    for name in ("pdf", "data"):
        gone = client.get(reverse(f"insight:{name}", args=[report.code]))
        assert gone.status_code == 410 and "was withdrawn on" in gone.content.decode()
    assert report.code not in client.get(reverse("insight:reports")).content.decode()


def test_everyone_is_not_told_who_has_been_asked_to_answer_and_by_when(campaign, noon, made, alma, oskar, authority):
    type(made["void"]).objects.filter(pk=made["void"].pk).update(state="asked", authority=authority, answer_by=noon)
    report = scene.drafted(campaign, by=alma, at=noon)
    inside = content_of(report)["figures"]["questions"]["rows"][0]
    assert inside["authority"] == authority.name and inside["answer_by"]
    report.is_public = True
    row = content_of(report)["figures"]["questions"]["rows"][0]
    assert row["asked"] == 31 and row["authority"] == {} and row["answer_by"] is None


def test_what_is_kept_inside_has_no_page(campaign, noon, made, alma, oskar, client):
    report = scene.approved(campaign, by=alma, approver=oskar, at=noon, is_public=False)
    assert "The secret rumour" in json.dumps(report.approved)
    for name in ("report", "pdf", "data"):
        assert client.get(reverse(f"insight:{name}", args=[report.code])).status_code == 404
    assert "Finding" not in client.get(reverse("insight:reports")).content.decode()


def test_its_paper_can_be_followed_by_a_screen_reader(campaign, noon, made, alma, oskar):
    report = scene.approved(campaign, by=alma, approver=oskar, at=noon)
    with override("sv"):
        content = files.pdf(content_of(report), report, status="").content
    read = TaggedPdf(content)

    assert read.problems() == [] and "/Lang (sv)" in read.catalog
    roles = [kid.role for kid in read.tree.kids]
    assert roles.count("H1") == 1 and roles.count("Figure") == 2 and roles.count("Table") == 3
    assert "L" in roles and "H3" in roles


def test_the_lists_cost_the_same_however_many_reports_there_are(
    campaign, noon, made, alma, oskar, client, signed_in, django_assert_max_num_queries
):
    report = scene.approved(campaign, by=alma, approver=oskar, at=noon)
    at_desk = desk(signed_in, alma, campaign)
    pages = ((client, reverse("insight:reports")), (at_desk, reverse("admin:impact_insightreport_changelist")))

    def queries():
        counted = []
        for one, page in pages:
            with django_assert_max_num_queries(200) as caught:
                assert one.get(page).status_code == 200
            counted.append(len(caught))
        return counted

    queries()
    before = queries()
    for weeks in (1, 2, 3):
        report.pk, report.week_on = None, report.week_on - timedelta(weeks=weeks)
        report.save()
    assert queries() == before
