"""The portal's addresses, under portal/ in every language."""

from django.urls import path

from influencers.inbox.mail import inbound_views

from .channels import push_views, telegram_views
from .channels import views as channel_views
from .code_of_ethics import lesson_views, views
from .escalation import seen_views
from .inbox import harassment_views
from .inbox import views as inbox_views
from .kits import story_views
from .kits import views as kits_views
from .portal import card_views, question_views, report_views
from .portal import views as portal_views
from .posts import views as posts_views
from .profiles import settings_views
from .recall import views as recall_views
from .recognition import certificate_views, thanks_views

# Without a language in their address: where mail that came in is posted.
webhook_patterns = [
    path("mail/", inbound_views.mail, name="mail"),
    path("<slug:provider>/inbound/", inbound_views.inbound, name="inbound"),
]

app_name = "influencers"
urlpatterns = [
    path("", portal_views.home, name="home"),
    path("offline.js", portal_views.offline_script, name="offline_script"),
    path("offline/", portal_views.offline_page, name="offline_page"),
    path("bulletins/", portal_views.bulletins, name="bulletins"),
    path("bulletins/<int:number>/", portal_views.bulletin, name="bulletin"),
    path("bulletins/<int:number>/used/", portal_views.used, name="used"),
    path("bulletins/<int:number>/seen/", seen_views.bulletin_seen, name="bulletin_seen"),
    path("bulletins/<int:number>/card/", card_views.card, name="card"),
    path("bulletins/<int:number>/own-card/", card_views.own_card, name="own_card"),
    path("facts/", kits_views.facts, name="facts"),
    path("facts/<slug:slug>/", kits_views.kit, name="kit"),
    path("facts/<slug:slug>/used/", kits_views.kit_used, name="kit_used"),
    path("stories/", story_views.stories, name="stories"),
    path("stories/<slug:key>/", story_views.story, name="story"),
    path("report/", report_views.report, name="report"),
    path("reports/", report_views.reports, name="reports"),
    path("recalls/<int:pk>/", recall_views.recall, name="recall"),
    path("recalls/<int:pk>/seen/", recall_views.seen, name="recall_seen"),
    path("recalls/<int:pk>/answer/", recall_views.answer, name="recall_answer"),
    path("recalls/<int:pk>/posts/<int:post>/", recall_views.post, name="recall_post"),
    path("settings/", settings_views.settings, name="settings"),
    path("settings/language/", settings_views.language, name="settings_language"),
    path("settings/pace/", settings_views.pace, name="settings_pace"),
    path("settings/break/", settings_views.rest, name="settings_break"),
    path("settings/calls/", settings_views.calls, name="settings_calls"),
    path("settings/snooze/", settings_views.snooze, name="settings_snooze"),
    path("settings/wake/<int:topic>/", settings_views.wake, name="settings_wake"),
    path("settings/tracking/", settings_views.tracking, name="settings_tracking"),
    path("settings/another-crisis/", settings_views.another_crisis, name="settings_another_crisis"),
    path("settings/channels/", channel_views.choose, name="channels"),
    path("settings/channels/telegram/link/", telegram_views.link, name="channel_telegram"),
    path("settings/channels/push/allow/", push_views.allow, name="push_allow"),
    path("settings/channels/push/wants/", push_views.wants, name="push_wants"),
    path("settings/channels/quiet/", push_views.quiet, name="channel_quiet"),
    path("settings/channels/<slug:channel>/code/", channel_views.ask, name="channel_ask"),
    path("settings/channels/<slug:channel>/confirm/", channel_views.prove, name="channel_prove"),
    path("settings/channels/<int:pk>/wants/", channel_views.wants, name="channel_wants"),
    path("settings/channels/<int:pk>/leave/", channel_views.leave, name="channel_leave"),
    path("settings/details/", settings_views.details, name="settings_details"),
    path("settings/data.json", settings_views.data, name="settings_data"),
    path("settings/leave/", settings_views.leave, name="leave"),
    path("gone/", settings_views.gone, name="gone"),
    path("conversation/", inbox_views.conversation, name="conversation"),
    path("conversation/seen/", inbox_views.seen, name="conversation_seen"),
    path("harassed/", harassment_views.harassed, name="harassed"),
    path("harassed/taken-back/", harassment_views.report_withdrawn, name="harassed_taken_back"),
    path("code-of-ethics/", views.code_of_ethics, name="code_of_ethics"),
    path("code-of-ethics/sign/", views.sign, name="code_of_ethics_sign"),
    path("code-of-ethics/withdraw/", views.withdraw, name="code_of_ethics_withdraw"),
    path("handbook/", views.handbook, name="handbook"),
    path("ask/", question_views.ask, name="ask"),
    path("questions/", question_views.questions, name="questions"),
    path("questions/<int:pk>/same/", question_views.same, name="same"),
    path("questions/<slug:slug>/", question_views.answer, name="answer"),
    path("posts/", posts_views.posts, name="posts"),
    path("posts/new/", posts_views.post_new, name="post_new"),
    path("posts/<int:pk>/", posts_views.post, name="post"),
    path("posts/<int:pk>/figures/", posts_views.post_figures, name="post_figures"),
    path("posts/<int:pk>/words/", posts_views.post_words, name="post_words"),
    path("posts/<int:pk>/corrected/", posts_views.post_corrected, name="post_corrected"),
    path("posts/<int:pk>/removed/", posts_views.post_removed, name="post_removed"),
    path("thanks/", thanks_views.thanks, name="thanks"),
    path("certificate/", certificate_views.certificate, name="certificate"),
    path("certificate/<slug:language>.pdf", certificate_views.certificate_file, name="certificate_file"),
    path("handbook/<int:number>/", lesson_views.handbook_lesson, name="handbook_lesson"),
    path("code/<int:number>/", lesson_views.code_lesson, name="code_lesson"),
]
