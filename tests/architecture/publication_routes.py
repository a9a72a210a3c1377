"""
Every way by which words or pictures reach anyone outside the team, and who had to agree.

WAYS says it, and docs/using/bulletins/second-person.md says the same. The rest sorts what the code has into them:
pages, mails, notices, posts to other hosts, and what is written at the desk. A page, a mail or a form that is in none
of them fails the tests.
"""

SECOND = "a second person, to exactly these words"
FIXED = "nobody: fixed text"
ONE_TO_ONE = "nobody: one member of the team to one person, signed"
SELF = "the person themselves"
ADMIN = "an administrator, with a fresh proof"
ASKER = "the person who asked, in their own words; one member of the team takes it up"
AGAIN = "nobody anew: it repeats what a second person agreed to"
READ_BEFORE = "nobody: one member of the team, after reading what becomes public"
INSIDE = "nobody: it stays in the team"

WAYS: dict[str, str] = {
    "bulletin": SECOND,
    "correction or withdrawal of a bulletin": SECOND,
    "fact-check": SECOND,
    "pause of a fact-check": FIXED,
    "custom text on a paused fact-check": SECOND,
    "withdrawal of a fact-check": SECOND,
    "answer": SECOND,
    "withdrawal of an answer": FIXED,
    "custom text on a withdrawn answer": SECOND,
    "refusal to answer a question": FIXED,
    "custom text on a refusal": SECOND,
    "invitation": FIXED,
    "custom text in an invitation": SECOND,
    "more invitations than one may send": SECOND,
    "draft to the seed list": "its reader, who has logged in as staff by a code from that mailbox or agreed by a link",
    "question to a seed address": FIXED,
    "draft to oneself": SELF,
    "recall": AGAIN,
    "codes, links and receipts": FIXED,
    "conversation": ONE_TO_ONE,
    "thanks": ONE_TO_ONE,
    "advice on a post": ONE_TO_ONE,
    "thanks at the end of a campaign": SECOND,
    "survey": SECOND,
    "way to help": SECOND,
    "notes of a meeting": READ_BEFORE,
    "course": SECOND,
    "prompt": READ_BEFORE,
    "contribution of anyone": READ_BEFORE,
    "subtitles of a story": READ_BEFORE,
    "commission": SECOND,
    "steps of a commission": ONE_TO_ONE,
    "ledger of commissions": READ_BEFORE,
    "invitation of a creator": FIXED,
    "story of a municipality": SECOND,
    "rumour and insight report": SECOND,
    "pretest": SECOND,
    "question back to an authority": ONE_TO_ONE,
    "certificate": FIXED,
    "what a person wrote or chose themselves": SELF,
    "question that waits, in the portal": ASKER,
    "incident on the status page": READ_BEFORE,
    "results for everybody, as numbers": READ_BEFORE,
    "name, sender and texts of a campaign": ADMIN,
    "handbook and code of ethics": ADMIN,
    "ping of a feed": FIXED,
    "answers to machines": FIXED,
    "work of the team": INSIDE,
}


def sorted_into(rows: dict[str, str]) -> dict[str, str]:
    """Return {name: way} from {way: names separated by spaces}. Raise ValueError for a name that is in two."""
    found: dict[str, str] = {}
    for way, names in rows.items():
        for name in names.split():
            if name in found:
                raise ValueError(f"{name} is sorted twice.")
            found[name] = way
    return found


# What each address shows besides the frame of the site (name and texts of the campaign) and the fixed texts of its page: the
# words that weigh most. An address that only takes something in, or leads on, says nothing.
PAGES = sorted_into(
    {
        "bulletin": """
            home media archive website:archive website:bulletin website:version website:help website:feeds website:rss
            website:atom website:json_feed website:calendar website:embed website:embed_bulletin website:check website:code alerts
            alert oembed api:api-root api:bulletins api:bulletin api:bulletin_versions api:bulletin_version influencers:home
            influencers:bulletins influencers:bulletin influencers:card influencers:offline_page joining:look delivery:read sitemap sitemap_part""",
        "correction or withdrawal of a bulletin": "website:corrections",
        "fact-check": """
            factcheck:claims short_fact factcheck:claim factcheck:copy factcheck:feed factcheck:claims_data
            factcheck:claimreview_data factcheck:version factcheck:card factcheck:corrections api:claims api:claim
            influencers:facts influencers:kit""",
        "answer": """
            website:answers website:answer website:answer_version website:answer_card website:answer_subtitles api:questions api:question
            api:question_versions api:question_version influencers:answer""",
        "recall": "influencers:recall",
        "conversation": "influencers:conversation",
        "thanks": "influencers:thanks",
        "subtitles of a story": "story_subtitles:vtt",
        "story of a municipality": """
            stories:wall stories:story website:stories_rss website:stories_atom website:stories_json website:embed_story api:stories api:story
            influencers:stories influencers:story""",
        "way to help": """
            website:help_atom website:help_json website:embed_help website:embed_offer ways_to_help:offer api:ways_to_help api:way_to_help
            ways_to_help:own ways_to_help:mine""",
        "notes of a meeting": "exchange:home exchange:meeting",
        "commission": "commissions:works commissions:work commissions:picture commissions:own commissions:mine",
        "ledger of commissions": "commissions:ledger commissions:ledger_csv",
        "prompt": "contributions:prompts",
        "contribution of anyone": "contributions:prompt contributions:picture website:contributions_atom",
        "course": """
            courses:courses courses:course courses:tried courses:file courses:subtitles own_courses:mine own_courses:take own_courses:certificate""",
        "survey": "surveys:answer surveys:public surveys:mine",
        "rumour and insight report": "insight:reports insight:report insight:pdf insight:data",
        "pretest": "pretests:answer",
        "certificate": """
            certificates certificate influencers:certificate influencers:certificate_file courses:certificate own_courses:certificate_file""",
        "advice on a post": "influencers:post influencers:posts",
        "question that waits, in the portal": "influencers:questions",
        "question back to an authority": """
            intake:inputs intake:input intake:input_attachment questions:questions_to_answer questions:to_answer
            questions:to_answer_video""",
        "incident on the status page": "website:status website:status_data",
        "results for everybody, as numbers": "results:page",
        "name, sender and texts of a campaign": "website:about website:privacy website:accessibility website:app api:campaign",
        "handbook and code of ethics": """
            handbook code_of_ethics joining:join influencers:handbook influencers:handbook_lesson influencers:code_lesson
            influencers:code_of_ethics""",
        "what a person wrote or chose themselves": """
            account account_sessions account_data account_data_file subscriptions:preferences subscriptions:data joining:invited municipality:join
            municipal_questions:questions municipality:own municipality:people municipality:story municipality:file
            ways_to_help:new influencers:reports influencers:settings influencers:settings_details influencers:settings_data
            commissions:file
            influencers:harassed influencers:ask influencers:post_new influencers:report website:shared api:inputs api:input api:answer api:measure
            intake:submit_input intake:input_sent""",
        "answers to machines": """
            security_txt health_live health_ready health_serving metrics robots website:app_icon webhooks:report webhooks:mail webhooks:inbound
            api:openapi-json api:cap identity openid_connect_callback influencers:offline_script""",
        "question to a seed address": "delivery:seed",
        "codes, links and receipts": """
            bare_address short_code short_codes website:codes set_language account_login account_logout account_inactive account_session_end
            account_log_out_everywhere account_session account_password account_first account_request_login_code account_login_link
            account_confirm_login_code account_reauthenticate account_confirm_by_mail account_go_on mfa_login_webauthn
            mfa_authenticate mfa_reauthenticate mfa_reauthenticate_webauthn mfa_index mfa_activate_totp mfa_deactivate_totp mfa_add_webauthn
            mfa_remove_webauthn mfa_edit_webauthn mfa_view_recovery_codes mfa_generate_recovery_codes subscriptions:subscribe
            subscriptions:sent subscriptions:confirm factcheck:report factcheck:reported ways_to_help:done ways_to_help:thanks ways_to_help:withdraw municipality:begin
            municipality:take municipality:withdraw municipality:uploads municipality:upload consents:consent contributions:send contributions:sent contributions:withdraw own_courses:begin own_courses:go_on own_courses:certificate_taken_back exchange:rsvp exchange:done exchange:calendar exchange:new_calendar exchange:answer exchange:follow_up_done factcheck:policy delivery:unsubscribe
            joining:confirm joining:link joining:resend joining:declined influencers:used influencers:own_card influencers:kit_used influencers:recall_seen
            influencers:recall_answer influencers:recall_post influencers:settings_language influencers:settings_pace
            influencers:settings_break influencers:settings_snooze influencers:settings_tracking influencers:settings_wake
            influencers:settings_another_crisis influencers:channels influencers:channel_ask influencers:channel_prove
            influencers:channel_wants influencers:channel_leave influencers:channel_telegram webhooks:telegram webhooks:whatsapp
            webhooks:sms_report webhooks:sms_message
            influencers:settings_calls influencers:bulletin_seen seen:link short_seen
            influencers:push_allow influencers:push_wants influencers:channel_quiet
            influencers:leave influencers:gone influencers:conversation_seen influencers:harassed_taken_back influencers:same
            influencers:code_of_ethics_sign influencers:code_of_ethics_withdraw influencers:post_figures influencers:post_words
            influencers:post_corrected influencers:post_removed""",
    }
)

# Where mail is handed to a server: file and function.
MAILS = sorted_into(
    {
        "bulletin": """
            bulletins/authority_posts/networks/mail_catcher.py:_show
            delivery/sending/worker.py:_hand_over delivery/transports/mail/django_backend.py:_send_one
            delivery/seeds/seed_mails.py:hand_over""",
        "draft to the seed list": "bulletins/mail/test_sends.py:_hand_over",
        "codes, links and receipts": """
            config/allauth_adapters.py:deliver
            delivery/transports/one_message.py:handed_over
            delivery/transports/one_message.py:caught_outcome""",
        "recall": "delivery/single_mails/queue.py:send",  # and every other kind of single mail, see SINGLE_MAILS
    }
)

# What the kinds of single mail say, by their names.
SINGLE_MAILS = sorted_into(
    {
        "question to a seed address": "seed_question",
        "invitation": "invitation municipality_invitation",
        "conversation": "conversation",
        "survey": "survey",
        "pretest": "pretest",
        "codes, links and receipts": "join_code sign_up new_address",
        "recall": "notice notice_copy",  # and every other notice, see KINDS
        "ping of a feed": "hub_ping",
    }
)

# What else is posted to other hosts.
POSTS = sorted_into(
    {"ping of a feed": "website/feeds/websub.py:post", "work of the team": "notifications/webhook.py:post"}
)

# What the notices say, by kind: to influencers and contributors by mail, to staff and the notification hook.
KINDS = sorted_into(
    {
        "work of the team": """
            input_arrived question_answered approval_wanted sign_off_wanted late_edition_wanted sent_back approved not_published post_stopped account_refused address_changed cost_limit send_held verdict_proposed
            answer_wanted answer_sent_back input_assigned bulletin_assigned question_assigned claim_assigned conversation_given
            course_waits course_sent_back course_published
            shift_handed_over comment_mention comment_answered next_word_late room_gone
            story_consent_gone story_waits story_words story_returned story_refused story_published story_withdrawn
            commission_submitted commission_applied commission_declined commission_signed commission_delivered commission_publish
            commission_to_pay commission_ends commission_extended commission_refused commission_expired offer_waits offer_sent_back offer_published waiting quiet calls_open harassment tampered shelf_review report_wanted report_sent_back""",
        "question back to an authority": "question_asked question_waits",
        "commission": "commission_open commission_asked commission_chosen commission_passed commission_agreed commission_accepted commission_published commission_paid",
        "steps of a commission": "commission_feedback commission_cancelled commission_longer",
        "invitation of a creator": "creator_invited",
        "fact-check": "claim_changed report_checked",
        "answer": "question_settled municipal_question",
        "codes, links and receipts": """
            contribution_thanks address_taken
            meeting_invited meeting_changed meeting_off meeting_left follow_up_soon follow_up_due""",
        "recall": "recall recall_again story_gone",
        "thanks": "thanks",
        "advice on a post": "label_missing",
        "thanks at the end of a campaign": "campaign_thanks",
    }
)

# The folders of the mails' templates.
TEMPLATES = sorted_into(
    {
        "bulletin": "bulletins/mail/bulletin bulletins/mail/roundup website/digests/mail",
        "draft to the seed list": "bulletins/mail/test_send",
        "question to a seed address": "delivery/mail/seed_list",
        "invitation": "influencers/onboarding/mail stories/municipalities/mail",
        "conversation": "influencers/inbox/mail",
        "survey": "impact/surveys/mail",
        "pretest": "impact/pretests/mail",
        "thanks at the end of a campaign": "impact/closing/mail",
        "recall": "notifications/mail",
        "codes, links and receipts": "delivery/mail/subscription accounts/mail",
    }
)

# What is written at the desk: every kind of row that some role may add or change, by the way on which its words leave.
ROWS = sorted_into(
    {
        "bulletin": "bulletins.bulletin bulletins.authoritypost bulletins.snippet bulletins.cadence preparedness.readybulletin impact.archive",
        "fact-check": "factcheck.claim factcheck.narrative factcheck.sighting factcheck.thresholds",
        "answer": "questions.answer questions.question questions.questiongroup",
        "question back to an authority": "bulletins.messageinput",
        "draft to the seed list": "delivery.seedaddress",
        "recall": "influencers.recallnotice",
        "conversation": "influencers.thread influencers.unmatchedmail influencers.harassment",
        "thanks": "influencers.thanks influencers.cannedthanks",
        "certificate": "influencers.certificate",
        "survey": "impact.survey",
        "thanks at the end of a campaign": "impact.campaignresults",
        "rumour and insight report": "impact.insightreport",
        "pretest": "impact.pretest",
        "subtitles of a story": "stories.storyfile stories.storysubtitles",
        "course": "stories.course",
        "story of a municipality": "stories.storytheme",
        "prompt": "stories.prompt",
        "way to help": "stories.offer stories.partner stories.partnermember",
        "notes of a meeting": "stories.exchange stories.meeting",
        "commission": "stories.commission",
        "ledger of commissions": "stories.commissionledger",
        "invitation of a creator": "stories.creator",
        "invitation": """
            influencers.importrun influencers.influencer influencers.platformaccount stories.municipalityinvitation""",
        "incident on the status page": "website.incident website.incidentupdate",
        "name, sender and texts of a campaign": """
            campaigns.campaign campaigns.campaignlanguage campaigns.authority campaigns.authoritymember campaigns.topic
            campaigns.region stories.municipality preparedness.campaignstart campaigns.siteword""",
        "handbook and code of ethics": """
            influencers.handbook influencers.codeofethics influencers.interest influencers.valuesquestion""",
        "work of the team": """
            accounts.user accounts.heldchange campaigns.campaignrole campaigns.authoritytoken campaigns.glossaryterm campaigns.bannedterm campaigns.platformlimit
            delivery.audience delivery.recipient delivery.room delivery.mailerlimit
            delivery.domainlimit delivery.whatsapptemplate delivery.consent delivery.subscription influencers.selection influencers.coveragetarget
            influencers.post influencers.postfigures influencers.askedpartner influencers.seenrequest bulletins.seenrule bulletins.authorityaccount bulletins.checklistpoint preparedness.drill impact.measure impact.snapshot impact.chartnote""",
    }
)
