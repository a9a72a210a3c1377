"""A rumour and insight report of an earlier week, public: drafted from data, to which made-up sightings and askers are added first."""

from datetime import datetime, timedelta

from accounts.models import User
from campaigns.models import Campaign
from factcheck.models import Claim, Sighting
from impact.insight_reports import report_steps
from impact.models import InsightReport
from impact.weeks import Week
from questions.models import Question

BACK = timedelta(days=21)  # so long ago that no sighting of the week counts as spreading now
MAIN = "cl-over70-indoors"
# How often the claims of the week were seen in it, those known first first, and where; fewer in the week before.
SEEN = (19, 11, 8)
PLATFORMS = ("facebook", "whatsapp", "facebook", "tiktok", "instagram", "whatsapp", "facebook")
ASKED = (31, 18, 12, 7, 2)  # people, by question
RISKS = ({"reach": 3, "harm": 2, "doubt": 3}, {"reach": 2, "harm": 3, "doubt": 1}, {"reach": 2, "harm": 1, "doubt": 2})
WORDS = {
    "fi": {
        "title": "Yli 70-vuotiaiden ohje oli epäselvä, ja väärä väite täytti aukon",
        "lead": "Useimmin nähtiin väite, että yli 70-vuotiaat eivät saisi lähteä kotoa. Se levisi kuvana ilman päiväystä. Suosittelemme, että "
        "jokaisessa tiedotteessa sanotaan yhdellä virkkeellä, mikä on sallittua.",
        "what1": "Kertokaa jokaisessa tiedotteessa, mitä yli 70-vuotiaat saavat tehdä: ulkoilla, kunhan etäisyys säilyy.",
        "who1": "Sosiaali- ja terveysministeriö",
        "what2": "Antakaa vaikuttajille faktantarkistus jaettavaksi kuvana, jossa on päiväys.",
        "who2": "Yhteyshenkilö ja faktantarkistajat",
    },
    "sv": {
        "title": "Rådet till personer över 70 var oklart, och ett felaktigt påstående fyllde tomrummet",
        "lead": "Oftast sågs påståendet att personer över 70 inte får lämna hemmet. Det spreds som en bild utan datum. Vi rekommenderar att varje "
        "bulletin i en mening säger vad som är tillåtet.",
        "what1": "Säg i varje bulletin vad personer över 70 får göra: vara ute, så länge de håller avstånd.",
        "who1": "Social- och hälsovårdsministeriet",
        "what2": "Ge influerare faktakontrollen att dela som en bild med datum.",
        "who2": "Kontaktpersonen och faktagranskarna",
    },
    "en": {
        "title": "The advice for people over 70 was unclear, and a wrong claim filled the gap",
        "lead": "The claim seen most was that people over 70 may not leave their homes. It spread as a picture without a date. We recommend that each "
        "bulletin says in one sentence what is allowed.",
        "what1": "Say in each bulletin what people over 70 may do: be outdoors, as long as they keep their distance.",
        "who1": "Ministry of Social Affairs and Health",
        "what2": "Give influencers the fact-check to share as a picture with a date.",
        "who2": "Liaison and fact-checkers",
    },
}
OF_MAIN = {
    "fi": {
        "harm": "ikäihmiset jäävät ilman ulkoilua ja apua",
        "actor": "Ei tiedossa. Nähtiin ensin avoimessa paikallisryhmässä.",
        "behaviour": "Kuvakaappausta lähetetään eteenpäin, ja päiväys on rajattu pois.",
        "content": "Näyttää viranomaisen ohjeelta; puolet on totta.",
        "degree": "Kolmella kanavalla viikon aikana, eniten omaisten ryhmissä.",
        "effect": "Omaiset kysyvät, saako isovanhempien kanssa kävellä.",
    },
    "sv": {
        "harm": "äldre blir utan frisk luft och hjälp",
        "actor": "Inte känd. Sågs först i en öppen lokal grupp.",
        "behaviour": "En skärmbild skickas vidare, med datumet bortskuret.",
        "content": "Ser ut som en myndighets råd; hälften stämmer.",
        "degree": "På tre kanaler under veckan, mest i anhörigas grupper.",
        "effect": "Anhöriga frågar om man får gå ut med mor- och farföräldrar.",
    },
    "en": {
        "harm": "older people go without fresh air and help",
        "actor": "Not known. First seen in an open local group.",
        "behaviour": "A screenshot is passed on, with its date cut off.",
        "content": "Looks like an authority's advice; half of it is true.",
        "degree": "On three platforms within the week, most in groups of relatives.",
        "effect": "Relatives ask whether they may walk with grandparents.",
    },
}


def create_report(campaign: Campaign, *, writer: User, approver: User, at: datetime) -> InsightReport | None:
    """Create the report of the week three weeks before `at`; None where the campaign had no claim by then."""
    week = Week.of(campaign.local(at - BACK).date())
    over = week.ends(campaign.zone)
    found = Claim.objects.filter(campaign=campaign, current_version__published_at__lt=over, duplicate_of=None)
    claims = sorted(found.order_by("created_at", "pk"), key=lambda claim: claim.slug != MAIN)[: len(SEEN)]
    if not claims:
        return None
    for claim, times in zip(claims, SEEN, strict=False):
        see(claim, week, times)
        see(claim, week.before(), times // 2)
    asked = Question.objects.filter(campaign=campaign, asked_at__gte=week.begins(campaign.zone), asked_at__lt=over)
    for question, people in zip(asked.exclude(group=None).order_by("asked_at", "pk"), ASKED, strict=False):
        Question.objects.filter(pk=question.pk).update(times=people)
    written, agreed = over + timedelta(hours=9), over + timedelta(hours=34)
    report = report_steps.draft(campaign, week, by=writer, at=written)
    report.judged = {str(one["pk"]): risk for one, risk in zip(report.figures["claims"], RISKS, strict=False)}
    report.days = [(week.last + timedelta(days=days)).isoformat() for days in (4, 8)]
    report.words = {code: words_in(code, {claim.slug: claim.pk for claim in claims}) for code in WORDS}
    report.is_public = True
    report.save()
    report_steps.submit(report, by=writer, at=written)
    report.refresh_from_db()
    report_steps.approve(report, digest=report_steps.REPORT.digest_of(report), by=approver, at=agreed)
    return report


def see(claim: Claim, week: Week, times: int) -> None:
    """Report that a claim was seen so often in a week."""
    Sighting.objects.bulk_create(
        Sighting(
            claim=claim,
            platform=PLATFORMS[number % len(PLATFORMS)],
            reach=900 + 370 * number if number % 3 else None,
            seen_on=week.first + timedelta(days=number % 7),
            language=("fi", "sv", "fi", "en")[number % 4],
        )
        for number in range(times)
    )


def words_in(code: str, keys: dict[str, int]) -> dict[str, str]:
    """Return the words of the report in a language, with those about its main claim where that is there."""
    about = {f"{keys[MAIN]}_{name}": text for name, text in OF_MAIN[code].items()} if MAIN in keys else {}
    return WORDS[code] | about
