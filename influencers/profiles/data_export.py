"""Everything that is known about an influencer, for themselves: at once, in a form that machines read."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from delivery.models import Delivery, MailChoice, QuietHours, Snooze, WhatsAppWindow
from delivery.recipients import channel_addresses
from factcheck.models import Sighting
from influencers.models import Call, CallNumber, Influencer, ThreadMessage
from influencers.profiles.contact_person import contact_of
from questions.models import Question, SameQuestion

Rows = list[dict[str, Any]]


def own_data(influencer: Influencer, *, at: datetime) -> dict[str, Any]:
    """
    Return all that is stored about a person in a campaign, as plain data that JSON can hold; moments are ISO 8601. The
    team's notes about a conversation are theirs and not in it. The number of queries does not grow.
    """
    return {
        "exported_at": at.isoformat(),
        "campaign": influencer.campaign.slug,
        "profile": profile(influencer),
        **choices_made(influencer),
        **received(influencer),
        **posted(influencer),
        **messages_written(influencer),
        **earned(influencer),
    }


def profile(influencer: Influencer) -> dict[str, Any]:
    """Return what is stored about the person themselves."""
    recipient = influencer.recipient
    return {
        "reference": influencer.reference,
        "name": influencer.name,
        "email": recipient.email,
        "language": recipient.language,
        "prefers_easy_language": recipient.prefers_easy,
        "other_languages": influencer.other_languages,
        "state": influencer.state,
        "joined_at": influencer.joined_at,
        "came_by_a_list_from": influencer.came_by.source if influencer.came_by else None,
        "region": influencer.region.code if influencer.region else None,
        "municipality": influencer.municipality,
        "sami_homeland": influencer.sami_homeland,
        "interests": influencer.interests,
        "values": influencer.values,
        "audience_birth_decade": influencer.audience_birth_decade,
        "audience_ages": influencer.audience_ages,
        "audience_genders": influencer.audience_genders,
        "audience_languages": influencer.audience_languages,
        "not_for_close_contact_because": influencer.kept_out,
        "contact_person": contact_of(influencer, influencer.campaign).name or None,
        "last_visit_at": influencer.last_visit_at,
    }


def choices_made(influencer: Influencer) -> dict[str, Rows]:
    """Return what they agreed to, and what they chose to receive."""
    recipient = influencer.recipient
    wrote = dict(WhatsAppWindow.objects.filter(recipient__person=recipient).values_list("recipient", "wrote_at"))
    return {
        "accounts": rows(influencer.accounts.all(), "platform", "handle", "followers", "counted_on"),
        "code_of_ethics": rows(
            influencer.signatures.all(), "text__title", "text__version", "points", "signed_at", "withdrawn_at"
        ),
        "consents": rows(
            recipient.consents.all(),
            *("purpose", "text_version", "language", "source", "given_at", "confirmed_at", "withdrawn_at"),
        ),
        "audiences": rows(
            recipient.memberships.filter(audience__campaign=influencer.campaign_id),
            *("audience__slug", "joined_at", "left_at", "reason", "left_because"),
        ),
        "mail_choices": rows(MailChoice.objects.filter(recipient=recipient), "campaign__slug", "pace", "break_until"),
        "channels": [
            {"channel": one.channel, "address": one.address, "user_hash": one.user_hash, "since": one.created_at}
            | {"wants": [choice.wants for choice in one.channel_choices.all()]}
            | {"wrote_at": wrote.get(one.pk)}
            for one in channel_addresses.addresses_of(recipient)
        ],
        "channels_to_prove": rows(recipient.channel_proofs.all(), "channel", "address", "user_hash", "asked_at"),
        "quiet_hours": rows(QuietHours.objects.filter(person=recipient), "begins", "ends"),
        "snoozed_topics": rows(Snooze.objects.filter(recipient=recipient), "topic__slug", "until"),
        "invitations": rows(
            influencer.invitations.all(), "at", "agreement__words", "sent_at", "accepted_at", "declined_at"
        ),
    }


def received(influencer: Influencer) -> dict[str, Rows]:
    """Return what reached them: emails, bulletins and fact-checks that they used, recalls."""
    recipient = influencer.recipient
    return {
        "mails": rows(
            Delivery.objects.filter(
                Q(recipient=recipient) | Q(recipient__person=recipient), mailing__campaign=influencer.campaign_id
            ),
            *("send__channel", "mailing__key", "language", "state", "finished_at"),
        ),
        "bulletins_used": rows(
            influencer.exposures.all(),
            *("version__bulletin__number", "version__number", "way", "item", "language", "first_at", "last_at"),
        ),
        "fact_checks_used": rows(
            influencer.kit_uses.all(),
            *(
                "version__claim__slug",
                "version__number",
                "platform",
                "language",
                "opened_at",
                "copied_at",
                "downloaded_at",
            ),
        ),
        "recalls": rows(
            influencer.recalls.all(),
            *("recall__kind", "recall__planned_at", "rank", "seen_at", "acknowledged_at", "outcome"),
        ),
        "call_number": rows(CallNumber.objects.filter(influencer=influencer), "number", "at_night", "given_at"),
        "calls": rows(
            Call.objects.filter(person__influencer=influencer),
            *("person__request__version__bulletin__number", "at", "result"),
        ),
        "asked_whether_seen": rows(
            influencer.seen_requests.all(),
            *("request__version__bulletin__number", "request__version__number", "asked_at", "seen_at", "channel"),
        ),
    }


def posted(influencer: Influencer) -> dict[str, Rows]:
    """Return their posts, with what is known of them."""
    return {
        "posts": rows(
            influencer.posts.all(),
            *("pk", "platform", "url", "language", "words", "posted_at", "told_at", "corrected_at", "removed_at"),
        ),
        "figures_of_posts": rows(
            influencer.posts.exclude(figures=None),
            *("pk", "figures__at", "figures__reach", "figures__reactions", "figures__comments", "figures__shares"),
        ),
        "advice_on_posts": rows(influencer.posts.exclude(messages=None), "pk", "messages__key", "messages__fate"),
    }


def messages_written(influencer: Influencer) -> dict[str, Rows]:
    """Return what they asked, reported and wrote."""
    recipient, user = influencer.recipient, influencer.user
    return {
        "questions": rows(
            Question.objects.filter(relayed_by=recipient, campaign=influencer.campaign_id),
            *("text", "language", "channel", "times", "via", "may_credit", "credit", "asked_at"),
        ),
        "same_questions": rows(
            SameQuestion.objects.filter(recipient=recipient, group__campaign=influencer.campaign_id),
            *("group__slug", "at"),
        ),
        "reported_claims": rows(
            Sighting.objects.filter(reporter=user, claim__campaign=influencer.campaign_id)
            if user
            else Sighting.objects.none(),
            *("claim__text", "platform", "url", "channel", "reach", "seen_on", "note", "created_at"),
        ),
        "conversation": rows(
            ThreadMessage.objects.filter(thread__influencer=influencer).exclude(kind=ThreadMessage.Kind.NOTE),
            *("kind", "via", "subject", "text", "folded", "at"),
        ),
        "attachments": rows(
            ThreadMessage.objects.filter(thread__influencer=influencer).exclude(attachments=None),
            *("at", "attachments__name", "attachments__size", "attachments__refused"),
        ),
        "harassment": rows(influencer.harassments.all(), "at", "words", "url", "in_danger", "closed_at", "outcome"),
        "contact_persons": rows(influencer.hand_overs.all(), "before__name", "after__name", "at"),
    }


def earned(influencer: Influencer) -> dict[str, Rows]:
    """Return what came of taking part."""
    return {
        "selections": rows(influencer.choices.all(), "selection__name", "decision", "note", "why"),
        "thanks": rows(influencer.thanks.all(), "key", "text", "by__name", "at"),
        "certificates": rows(influencer.certificates.all(), "code", "name", "facts", "issued_at", "revoked_at"),
        "lessons_read": rows(influencer.lessons.all(), "text", "version", "section", "at"),
    }


def rows(of: QuerySet[Any], *fields: str) -> Rows:
    """Return the rows of a query as plain data, in the order in which they were made; one query."""
    return list(of.order_by("pk").values(*fields))
