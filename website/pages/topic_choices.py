"""Which topics readers can choose among."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from bulletins.models import Version
from campaigns.models import Campaign, Topic
from campaigns.translated_fields import in_language
from factcheck.models import Claim
from questions.answers import answer_workflow
from questions.models import Answer


def topics_of(campaign: Campaign, *, at: datetime) -> list[Topic]:
    """
    Return the topics of what a campaign has published, by name: bulletins, answers, fact-checks; one query. (Others are
    of what is still being written, or only tell what influencers are interested in.)
    """
    versions = Version.objects.filter(mailing__topics=OuterRef("pk"), published_at__lte=at)
    answers = Answer.objects.filter(answer_workflow.public(at=at), group__topic=OuterRef("pk"))
    claims = Claim.objects.filter(topics=OuterRef("pk"), current_version__isnull=False)
    used = Topic.objects.filter(Q(Exists(versions)) | Q(Exists(answers)) | Q(Exists(claims)), campaign=campaign)
    return sorted(used, key=lambda topic: in_language(topic.name).casefold())
