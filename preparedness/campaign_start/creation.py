"""Making the campaign of a start: everything that was chosen, in one transaction, or nothing."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from bulletins.models import Snippet
from campaigns.models import Authority, Campaign, CampaignLanguage
from delivery.models import Audience
from influencers.models import CodeOfEthics
from influencers.selection import new_selection
from influencers.selection.coverage_cells import CannotChoose
from influencers.selection.exclusion_rules import Rules
from lib.yaml_files import ContentError
from preparedness.crisis_templates import template_files
from preparedness.crisis_templates.template_files import CrisisTemplate
from preparedness.models import CampaignStart
from preparedness.ready_shelf import prepared_drafts

from . import carried_over, copies, influencer_copies, steps, team_roles
from .steps import ABOUT, ALONG, FIRST, INFLUENCERS, PEOPLE, SOURCE, NotStarted

PROPOSED_SECONDS = 2.0  # for choosing close contacts; more finds a little more
LONGEST_NAME = 120  # of a campaign and a sender


def make(start: CampaignStart, *, by: User, at: datetime, seen: int | None = None) -> CampaignStart:
    """
    Make the campaign of a start, with all that comes along and its first bulletin, and return the start. It is not public,
    and nobody outside hears of it. `seen` is how often its steps had been saved when `by` read them; without it, what is
    stored counts. Raise NotStarted, with nothing made, when a step was saved since, or is missing, its address is taken, its
    template cannot be read, or somebody has made or dropped it meanwhile. Not for use in a transaction: who is proposed for
    close contact is looked for after it.
    """
    with transaction.atomic():
        held = steps.lock(start)
        if seen is not None and seen != held.all_times_saved:
            raise NotStarted(
                _("Nothing was made: a step was saved since you opened this page. Read it, then press again.")
            )
        template = template_of(held)
        refuse_incomplete(held)
        campaign = make_campaign(held, template, at=at)
        copies.story_themes(campaign, held.earlier)
        team_roles.give(campaign, held.answer(PEOPLE).get("roles", ()), by=by, at=at)
        made, audiences, texts = bring_along(held, campaign, template, by=by, at=at)
        if held.earlier and held.answer(INFLUENCERS).get("bring"):
            made["influencers"] = influencer_copies.bring(
                campaign, held.earlier, audiences=audiences, texts=texts, by=by, at=at
            )
        held.first_bulletin = write_first(held, campaign, template, by=by, at=at)
        held.campaign, held.made_by, held.made_at, held.made_of = campaign, by, at, made
        held.invites = bool(held.earlier and held.answer(INFLUENCERS).get("others") == "invite")
        held.save()
        trail.note(
            "campaign.started", campaign, by=by, at=at, start=held.pk, mode=campaign.mode, **came_from(held), made=made
        )
    if made.get("influencers") and held.answer(INFLUENCERS).get("close") == "propose":
        propose_close(held, by=by, at=at)
    return held


def template_of(start: CampaignStart) -> CrisisTemplate | None:
    """Return the template that a start names, as its file is now. Raise NotStarted when it cannot be read."""
    slug = start.answer(SOURCE).get("template")
    if not slug:
        return None
    try:
        return template_files.read(slug)
    except ContentError as fault:
        raise NotStarted(
            _("The template cannot be read: %(fault)s Choose another one, or have the file mended.") % {"fault": fault}
        ) from fault


def refuse_incomplete(start: CampaignStart) -> None:
    """Raise NotStarted for a start with a step that nobody has saved, or whose address is taken."""
    if missing := steps.next_step(start):
        name = next(step.name for step in steps.STEPS if step.key == missing)
        raise NotStarted(_("Nothing was made: the step “%(step)s” has not been saved yet.") % {"step": name})
    slug = start.answer(ABOUT)["slug"]
    if Campaign.objects.filter(slug=slug).exists():
        raise NotStarted(
            _("Nothing was made: another campaign has the address “%(slug)s” by now. Choose another one.")
            % {"slug": slug}
        )


def make_campaign(start: CampaignStart, template: CrisisTemplate | None, *, at: datetime) -> Campaign:
    """Store the campaign with its languages, not public."""
    about, people, first, earlier = start.answer(ABOUT), start.answer(PEOPLE), start.answer(FIRST), start.earlier
    authority = Authority.objects.filter(pk=about.get("authority")).first()
    contact = User.objects.filter(pk=people.get("contact")).first()
    campaign = Campaign(
        slug=about["slug"],
        mode=about["mode"],
        time_zone=about["time_zone"],
        default_language=about["languages"][0],
        sender_email=first["sender_email"],
        reply_to=first["reply_to"],
        liaison_name=contact.name if contact else "",
        liaison_email=contact.email if contact else "",
        authority=authority,
        alert_category=template.alert_category
        if template
        else (earlier.alert_category if earlier else Campaign.AlertCategory.OTHER),
    )
    campaign.starts_on = campaign.local(at).date()
    campaign.save()
    before = {row.code: row for row in CampaignLanguage.objects.filter(campaign=earlier)} if earlier else {}
    CampaignLanguage.objects.bulk_create(
        language_row(campaign, code, number, about["names"][code], template, before.get(code), authority)
        for number, code in enumerate(about["languages"])
    )
    return campaign


def language_row(
    campaign: Campaign,
    code: str,
    position: int,
    name: str,
    template: CrisisTemplate | None,
    before: CampaignLanguage | None,
    authority: Authority | None,
) -> CampaignLanguage:
    """
    Return the texts of a campaign in a language. The sender is the one before, else who leads it, else its own name; one that
    was called as the earlier campaign is now called as this one.
    """
    sender = before.sender_name if before else ""
    if before and sender == before.name:
        sender = name
    leads = authority.name.get(code, "") if authority else ""
    word = template.bulletin_name.get(code, "") if template else ""
    return CampaignLanguage(
        campaign=campaign,
        code=code,
        position=position,
        name=name,
        hashtag=template.hashtag.get(code, "") if template else "",
        sender_name=(sender or leads or name)[:LONGEST_NAME],
        bulletin_name=word or (before.bulletin_name if before else "bulletin"),
    )


def bring_along(
    start: CampaignStart, campaign: Campaign, template: CrisisTemplate | None, *, by: User, at: datetime
) -> tuple[dict[str, Any], dict[int, Audience], dict[int, CodeOfEthics]]:
    """Copy what was ticked; return {kind: how many}, and which copy is of which audience and of which code of ethics."""
    chosen, earlier = set(start.answer(ALONG)["kinds"]), start.earlier
    made: dict[str, Any] = {}
    if carried_over.TOPICS in chosen:
        made[carried_over.TOPICS] = copies.topics(campaign, template, earlier)
    if carried_over.GLOSSARY in chosen:
        made[carried_over.GLOSSARY] = copies.glossary(campaign, template, earlier)
    if carried_over.SNIPPETS in chosen:
        made[carried_over.SNIPPETS] = copies.snippets(campaign, template, earlier, Snippet.Kind.PHRASE)
    if carried_over.WAYS in chosen:
        made[carried_over.WAYS] = copies.snippets(campaign, template, earlier, Snippet.Kind.WAY_TO_HELP)
    if carried_over.SHELF in chosen:
        made[carried_over.SHELF] = copies.ready_shelf(campaign, template, earlier, by=by, at=at)
    if carried_over.QUESTIONS in chosen:
        made[carried_over.QUESTIONS] = copies.questions(campaign, template)
    if carried_over.CHECKS in chosen:
        made[carried_over.CHECKS] = copies.checks(campaign, template, earlier)
    if carried_over.LOOK in chosen:
        made[carried_over.LOOK] = copies.look(campaign, earlier)
    texts = copies.ethics(campaign, earlier) if carried_over.ETHICS in chosen else {}
    made[carried_over.ETHICS] = len(texts)
    audiences = copies.audiences(
        campaign, earlier if carried_over.AUDIENCES in chosen else None, languages=start.answer(ABOUT)["languages"]
    )
    made[carried_over.AUDIENCES] = len(audiences)
    return made, audiences, texts


def write_first(
    start: CampaignStart, campaign: Campaign, template: CrisisTemplate | None, *, by: User, at: datetime
) -> Any:
    """Write the first bulletin out of the statement that was chosen; None without one."""
    first = start.answer(FIRST)
    statement = template.statement(first.get("statement", "")) if template else None
    if statement is None:
        return None
    others = User.objects.filter(pk__in=steps.editors_of(start, FIRST)).exclude(pk=by.pk)
    next_word = prepared_drafts.next_word_of(first.get("typed", {}), campaign.zone)
    words = first.get("blanks", {})
    return prepared_drafts.write(campaign, statement, words, next_word=next_word, by=by, also=list(others), at=at)


def propose_close(start: CampaignStart, *, by: User, at: datetime) -> None:
    """Choose people for close contact, as a draft that somebody still puts in force; say in `made_of` why there is none."""
    campaign = start.campaign
    assert campaign is not None
    close = Audience.objects.filter(
        campaign=campaign, kind=Audience.Kind.INFLUENCERS, tier=influencer_copies.CLOSE
    ).first()
    if close is None:
        return
    size = min(close.max_size or copies.CLOSE_CONTACT, start.made_of["influencers"])
    try:
        chosen = new_selection.choose(
            campaign,
            name=_("Proposal"),
            audience=close,
            size=size,
            rules=Rules(),
            by=by,
            at=at,
            seconds=PROPOSED_SECONDS,
        )
    except CannotChoose as reason:
        start.made_of["proposal"] = {"why_not": str(reason)}
    else:
        start.made_of["proposal"] = {"selection": chosen.pk, "people": chosen.choices.count()}
    start.save(update_fields=["made_of"])


def came_from(start: CampaignStart) -> dict[str, str]:
    """Return what a campaign was started from, for the audit log."""
    found = {
        "template": start.answer(SOURCE).get("template", ""),
        "earlier": start.earlier.slug if start.earlier else "",
    }
    return {name: value for name, value in found.items() if value}
