"""
Every field that can hold something of a person's, and what lets it go.

COVERED names, for each model with data about people, its fields by what covers them: a rule (accounts/privacy/retention.py), a part of
a person's data (accounts/privacy/data_subjects.py), or "neutral": it names a colleague by key, who is called "former staff 12" once
erased. NOT_PERSONAL says why the others hold nothing of the kind. A model or a field that is in neither fails the tests.
"""

COVERED: dict[str, dict[str, str]] = {
    # --- accounts
    "accounts.User": {"account": "password email name language session_stamp"},
    "accounts.User_groups": {"account": "user"},
    "accounts.User_user_permissions": {"account": "user"},
    "account.EmailAddress": {"account": "user email"},
    "account.EmailConfirmation": {"account": "key"},
    "mfa.Authenticator": {"account": "user data"},
    "socialaccount.SocialAccount": {"account": "user provider uid extra_data"},
    "socialaccount.SocialToken": {"account": "token token_secret"},
    "accounts.Session": {"sessions": "session_key session_data user device place"},
    "accounts.HeldChange": {"held_changes": "user rights email password", "neutral": "asked_by"},
    "accounts.CodeMail": {"code_mails": "email code language"},
    "accounts.EntryLink": {"entry_links": "user token_hash"},
    "accounts.Attempt": {"attempts": "bucket key_hash"},
    "accounts.AuditEntry": {"audit": "actor verb subject_type subject_id subject digest detail"},
    "admin.LogEntry": {"audit": "user object_id object_repr change_message"},
    # --- campaigns
    "campaigns.CampaignRole": {"account": "user"},
    "campaigns.AuthorityMember": {"authorities": "user"},
    "campaigns.Authority": {"contacts": "slug name short_name url contact"},
    "campaigns.Campaign": {
        "contacts": "liaison_name liaison_email",
        "not": "slug time_zone default_language sender_email reply_to note privacy_note card_look card_logo issuer_mark drill",  # addresses of the campaign's; of a drill, colleagues by key
    },
    "campaigns.CustomText": {"invited": "words", "neutral": "proposed_by agreed_by", "not": "digest writers"},
    "campaigns.SavedView": {"saved_views": "owner name query", "not": "list"},
    "preparedness.CampaignStart": {
        "neutral": "begun_by made_by answered_by",
        "not": "answers saved made_of",  # addresses of the campaign's, colleagues by key
    },
    "bulletins.LateEdition": {
        "neutral": "written_by submitted_by signed_off_by approved_by",
        "not": "language words digest remarks sent_back_because",  # written_by are keys of colleagues
    },
    "bulletins.TranslationDraft": {"neutral": "asked_by owned_by", "not": "error digest"},
    "campaigns.SiteWord": {"neutral": "changed_by", "not": "source source_sha256 forms"},
    "preparedness.ReadyBulletin": {
        "neutral": "owner approved_by",
        "not": "key crisis content known",  # words for a crisis, marks of an authority's details
    },
    "preparedness.ReadyBulletin_editors": {"neutral": "user"},
    "preparedness.Drill": {
        "neutral": "leader stopped_by",
        "not": "scenario script made_up pauses away missed figures lessons actions",  # the scenario's words, colleagues by key, what the team says
    },
    "preparedness.DrillEvent": {"not": "key kind note"},
    # --- stories
    "stories.PartnerMember": {"partners": "user"},
    "stories.MunicipalityMember": {"municipalities": "user"},
    "stories.Municipality": {"not": "code name"},
    "stories.MunicipalityInvitation": {"municipality_invited": "email language", "neutral": "by"},
    "stories.Story": {
        "municipality_stories": "sent_by",
        "neutral": "checked_by words_by",
        "not": "key title speaker sentence text words remark digest writers original_language",  # words for everyone
    },
    "stories.StoryUpload": {"municipality_uploads": "user filename", "not": "key name pieces"},
    "stories.StoryConsent": {
        "neutral": "asked_by",
        "not": "name known_as guardian agreed_to language",
    },  # no address: found by its link alone
    "stories.Partner": {"not": "name url"},  # of an organisation
    "stories.Prompt": {"not": "slug title about"},
    "stories.Contribution": {
        "contributions": "text picture name email language",
        "neutral": "decided_by",
        "not": "key agreed_to",  # by chance, and our own words
    },
    "stories.Course": {"not": "slug"},
    "stories.CourseVersion": {
        "neutral": "edited_by checked_by",
        "not": "title summary modules digest writers remark",  # words for everyone, colleagues by key
    },
    "stories.CourseFile": {"not": "file sha256"},
    "stories.CourseAttempt": {"courses": "user read answers", "not": "rule"},
    "stories.CourseCertificate": {"courses": "code name", "not": "facts"},  # of the course
    "stories.StoryTake": {"story_takes": "user"},
    "stories.StoryFile": {"story_videos": "file alt_text", "not": "label sha256"},
    "stories.StorySubtitles": {"story_subtitles": "draft vtt", "neutral": "edited_by confirmed_by", "not": "language"},
    "stories.StoryJob": {"not": "label error"},  # of our own words
    "stories.StoryTheme": {"not": "slug name words"},  # of a campaign
    "stories.OfferVersion": {
        "neutral": "edited_by checked_by",
        "not": "title does place languages url printed digest writers remark",  # words for everyone, colleagues by key
    },
    "stories.Exchange": {"not": "title url place languages"},  # where and when a meeting is
    "stories.Exchange_staff": {"neutral": "user"},
    "stories.Meeting": {
        "neutral": "noted_by confirmed_by",
        "not": "uid url place cancelled_why notes decisions shown_notes shown_decisions",  # for everyone who was there
    },
    "stories.AgendaItem": {"neutral": "added_by", "not": "source key title"},
    "stories.MeetingInvitation": {"meetings": "user"},
    "stories.Attendance": {"neutral": "by"},
    "stories.FollowUp": {"follow_ups": "user done_by", "neutral": "made_by", "not": "text"},
    "stories.ExchangeCalendar": {"exchange_calendars": "user key"},
    "stories.Creator": {"creators": "user name", "neutral": "invited_by"},
    "stories.Commission": {
        "neutral": "asked_by accepted_by paid_by",
        "not": "title what formats languages rights_text ended_because",  # colleagues' words
    },
    "stories.CommissionPart": {"neutral": "user"},
    "stories.CommissionApplication": {"commission_applications": "sentence link"},
    "stories.CommissionAgreement": {
        "commission_applications": "content credit",
        "neutral": "signed_by",
        "not": "language digest",
    },
    "stories.CommissionExtension": {
        "commission_extensions": "content",
        "neutral": "asked_by",
        "not": "language digest",
    },
    "stories.CommissionDraft": {"commission_work": "note link feedback", "neutral": "feedback_by"},
    "stories.CommissionFile": {"not": "file alt_text sha256"},  # the work itself, of which the client has the rights
    "stories.CommissionPayment": {"commission_payments": "reference", "neutral": "by taken_back_by"},
    "stories.CommissionLedger": {"neutral": "opened_by"},
    # --- impact
    "impact.Measure": {"not": "key name family platform feed_url feed_words collector asked_about fault fault_values"},
    "impact.Snapshot": {"neutral": "taken_by", "not": "note"},  # where a number comes from
    "impact.ChartNote": {"not": "words"},
    "impact.Survey": {
        "neutral": "composed_by started_by",
        "not": "name questions code seed last_mark digest writers",  # colleagues' words, and what a draw was made by
    },
    "impact.InsightReport": {
        "neutral": "edited_by approved_by",
        "not": "figures judged words days writers digest remark approved",  # counts, colleagues' words and keys; nobody is named
    },
    "impact.CampaignResults": {
        "neutral": "edited_by approved_by thanked_by lessons_by",
        "not": "figures words approved_digest digest writers lessons",  # counts of at least five, and colleagues' words
    },
    "impact.Archive": {"neutral": "asked_by", "not": "file sha256 missing error"},  # what readers could read
    "impact.Asked": {"surveys": "recipient"},
    "impact.Ticket": {"not": "token_hash"},  # of nobody: no row says whose it was
    "impact.SealedBox": {"not": "sealed"},
    "impact.Tally": {"not": "language"},
    "impact.ResultsPage": {"neutral": "opened_by agreed_by", "not": "measures agreed"},
    "impact.ViewCount": {"not": "kind"},  # sums of a day
    "impact.FreeText": {"not": "text"},  # of nobody, and forgotten after a year
    "impact.Pretest": {"neutral": "shown_by", "not": "texts digest"},  # a draft
    "impact.PretestSeat": {"pretests": "recipient"},
    "impact.PretestAnswer": {"pretests": "language asks unclear sentences why"},
    "campaigns.AuthorityToken": {"neutral": "created_by", "not": "name start sha256"},
    # --- delivery
    "delivery.Recipient": {
        "address": "email address user_hash person name language",
        "suppressions": "address_hash",
    },
    "delivery.Room": {
        "neutral": "added_by",
        "not": "organisation language host address secret digest recipient",  # of an organisation
    },
    "delivery.ChannelProof": {"channel_proofs": "person address user_hash digest"},
    "delivery.QuietHours": {"address": "person"},
    "delivery.WhatsAppWindow": {"whatsapp_windows": "recipient"},
    "delivery.ChannelChoice": {"address": "recipient"},
    "delivery.Consent": {"consents": "recipient text_version language source"},
    "delivery.Membership": {"address": "recipient reason left_because", "neutral": "moved_by"},
    "delivery.MailChoice": {"address": "recipient"},
    "delivery.Newcomer": {"address": "recipient"},
    "delivery.Snooze": {"address": "recipient"},
    "delivery.SingleMail": {"single_mails": "kind worker code"},
    "delivery.Suppression": {"suppressions": "address_hash", "address": "note"},
    "delivery.SeedAddress": {"seeds": "email name language"},
    "delivery.Delivery": {"deliveries": "recipient detail provider_id", "not": "language code"},
    "delivery.ProviderEvent": {"provider_events": "provider event_id message_id code"},
    "delivery.Subscription": {"subscription": "recipient language"},
    "delivery.SignUp": {"sign_ups": "email secret place network language text_version read_in source"},
    "delivery.NewAddress": {"new_addresses": "email secret place network"},
    # --- factcheck
    "factcheck.Sighting": {"reports": "channel url url_key language note screenshot", "reporters": "reporter"},
    # --- bulletins
    "bulletins.MessageInput": {
        "input_contacts": "contact",
        "neutral": "submitted_by taken_by",
        "not": "reference title body language question answer external_id",
    },
    "questions.Question": {
        "askers": "relayed_by asked_by",
        "questions": "credit",
        "neutral": "entered_by grouped_by",
        "not": "language text channel set_aside_why",
    },
    "questions.SameQuestion": {"same_questions": "recipient"},
    "questions.AnswerVersion": {
        "questions": "credits",
        "neutral": "approved_by",
        "not": "question text what_changed content digest printed",
    },
    "notifications.Notice": {"notices": "path person text", "not": "kind"},
    "notifications.StaffAddress": {"notice_addresses": "user address address_hash user_hash"},
    "notifications.StaffProof": {"notice_addresses": "user address user_hash digest"},
    "notifications.NoticeWishes": {"notice_addresses": "user urgent waits news time_zone"},
    "bulletins.Comment": {"comments": "text by", "neutral": "resolved_by", "not": "place quote before after"},
    "bulletins.Comment_mentions": {"neutral": "user"},
    "bulletins.Presence": {"presences": "user part"},
    "bulletins.Handover": {"handovers": "given_by given_to taken_by note", "not": "things"},
    # --- influencers
    "influencers.Influencer": {
        "profile": "user recipient reference name other_languages municipality audience_ages audience_genders "
        "audience_languages interests values kept_out",
        "neutral": "liaison",
    },
    "influencers.PlatformAccount": {"profile": "influencer handle"},
    "influencers.Choice": {"profile": "influencer why swap note"},
    "influencers.Thread": {"profile": "influencer", "neutral": "taken_by"},
    "influencers.ThreadMessage": {
        "profile": "subject text folded mail_id in_reply_to",
        "messages": "from_address",
        "neutral": "author",
    },
    "influencers.Attachment": {"profile": "name content_type sha256 file refused"},
    "influencers.ArrivedMail": {
        "unmatched_mail": "raw to",
        "not": "provider content_type",
    },
    "influencers.UnmatchedMail": {
        "unmatched_mail": "from_name from_address subject text folded mail_id",
        "neutral": "sorted_by",
    },
    "influencers.HandOver": {"profile": "influencer reason", "neutral": "before after by"},
    "influencers.Harassment": {"harassment": "influencer words url outcome", "neutral": "taken_by"},
    "influencers.Exposure": {"exposure": "influencer item language"},
    "influencers.RecallNotice": {"exposure": "influencer platforms language"},
    "influencers.AskedPartner": {"seen": "influencer", "neutral": "taken_by"},
    "influencers.SeenRequest": {"neutral": "held_by", "not": "plan"},
    "influencers.CallNumber": {"profile": "influencer number"},
    "influencers.Call": {"neutral": "by"},
    "influencers.KitUse": {"exposure": "influencer platform language"},
    "influencers.Application": {"applications": "email language answers code_hash link_hash browser"},
    "influencers.Invitation": {"invited": "influencer", "neutral": "by"},
    "influencers.ImportRun": {
        "imports": "file fates",
        "neutral": "by",
        "not": "name sha256 source language counts ignored why",  # of the file, not of people who are in it
    },
    "influencers.Signature": {"profile": "influencer points sha256"},
    "influencers.Post": {"posts": "influencer url url_key language words", "neutral": "found_by"},
    "influencers.PostFigures": {"neutral": "by"},
    "influencers.PostMessage": {"posts": "key because", "neutral": "checked_by"},
    "influencers.Thanks": {"posts": "influencer key text language", "neutral": "by"},
    "influencers.Certificate": {"profile": "influencer code name facts", "neutral": "issued_by", "not": "revoked_why"},
    "influencers.LessonRead": {"profile": "influencer text"},
    "influencers.Selection": {"neutral": "made_by applied_by", "not": "name rules targets result"},
}

WORK = "What colleagues write for the public; colleagues are named by key and called “former staff” once erased."
WORDS = "Words and settings of the campaign, of nobody in particular."
SYSTEM = "Of the software's own parts: hosts, domains, counts, codes."
FROZEN = "What was sent or published, alike for everybody; personal parts are put in as it leaves and not kept."
NOT_PERSONAL: dict[str, str] = {
    **dict.fromkeys(
        [
            *("bulletins.InputSource", "bulletins.InputFact", "bulletins.InputAttachment", "bulletins.InputStep"),
            *("bulletins.Bulletin", "bulletins.Edition", "bulletins.EditionRevision", "bulletins.KeyMessage"),
            *(
                "bulletins.CallToAction",
                "bulletins.Variant",
                "bulletins.Asset",
                "bulletins.Rendition",
                "bulletins.Card",
                "bulletins.MovingCard",
            ),
            *("bulletins.Package", "bulletins.MediaJob", "questions.QuestionGroup", "questions.Answer"),
            *("questions.AnswerStep", "bulletins.Review", "bulletins.SetAside", "bulletins.Override"),
            "bulletins.FactChange",
            *("bulletins.LinkCheck", "factcheck.Narrative", "factcheck.Claim", "factcheck.ClaimStep"),
            *("factcheck.Distinction", "factcheck.ArchivedCopy", "factcheck.Evidence", "factcheck.ClaimWords"),
            *("influencers.Recall",),
        ],
        WORK,
    ),
    **dict.fromkeys(
        [
            *("influencers.Interest", "influencers.ValuesQuestion", "influencers.CoverageTarget"),
            *("influencers.CodeOfEthics", "influencers.Handbook", "influencers.CannedThanks", "bulletins.Cadence"),
            *(
                "bulletins.Snippet",
                "bulletins.ChecklistPoint",
                "campaigns.CampaignLanguage",
                "campaigns.SiteLanguage",
                "campaigns.Topic",
                "campaigns.Region",
            ),
            *("campaigns.GlossaryTerm", "campaigns.BannedTerm", "campaigns.PlatformLimit", "delivery.Audience"),
            *("delivery.AudienceSize", "delivery.ConsentText", "delivery.TopicSet", "website.Incident"),
            "website.IncidentUpdate",
            "bulletins.AuthorityAccount",  # of an authority
        ],
        WORDS,
    ),
    **dict.fromkeys(
        [
            *(
                "bulletins.Version",
                "bulletins.PublishedEdition",
                "bulletins.AuthorityPost",
                "website.Publication",
                "website.Passage",
            ),
            *("website.SearchText", "website.SearchWord"),
            *("factcheck.ClaimVersion", "delivery.Message", "delivery.Mailing"),
        ],
        FROZEN,
    ),
    **dict.fromkeys(
        [
            *(
                "delivery.Send",
                "delivery.SendTotal",
                "delivery.KeptCount",
                "delivery.Lease",
                "delivery.Pulse",
                "delivery.MailerLimit",
                "delivery.DomainLimit",
                "delivery.WhatsAppTemplate",
                "delivery.HostProcess",
            ),
            *("delivery.Bucket", "delivery.MailerHealth", "delivery.Preflight", "accounts.AuditSeal"),
            *("accounts.AuditCheck", "auth.Permission", "auth.Group", "contenttypes.ContentType"),
            *("socialaccount.SocialApp", "campaigns.CheckCode"),
        ],
        SYSTEM,
    ),
}
