"""The public pages: bulletins, answers, feeds, check a text."""

from django.urls import path

from .check_codes import views as check_codes_views
from .check_text import views as check_text_views
from .feeds import contribution_feeds, help_feeds, story_feeds
from .feeds import views as feeds_views
from .pages import about_views, app_views, help_views
from .pages import views as site_views
from .status import views as status_views

app_name = "website"
urlpatterns = [
    path("bulletins/", site_views.archive, name="archive"),
    path("bulletins/<int:number>/", site_views.bulletin, name="bulletin"),
    path("bulletins/<int:number>/versions/<int:version>/", site_views.version, name="version"),
    path("answers/", site_views.answers, name="answers"),
    path("answers/<slug:slug>/", site_views.answer, name="answer"),
    path("answers/<slug:slug>/versions/<int:version>/", site_views.answer_version, name="answer_version"),
    path(
        "answers/<slug:slug>/versions/<int:version>/<str:language>.vtt",
        site_views.answer_subtitles,
        name="answer_subtitles",
    ),
    path(
        "answers/<slug:slug>/cards/<int:version>-<slug:language>-<slug:ratio>.png",
        site_views.answer_card,
        name="answer_card",
    ),
    path("help/atom.xml", help_feeds.atom, name="help_atom"),
    path("contributions/<slug:slug>/atom.xml", contribution_feeds.atom, name="contributions_atom"),
    path("help/feed.json", help_feeds.json_feed, name="help_json"),
    path("help/", help_views.ways_to_help, name="help"),
    path("stories/rss.xml", story_feeds.rss, name="stories_rss"),
    path("stories/atom.xml", story_feeds.atom, name="stories_atom"),
    path("stories/feed.json", story_feeds.json_feed, name="stories_json"),
    path("about/", about_views.about, name="about"),
    path("about/corrections/", about_views.corrections, name="corrections"),
    path("about/accessibility/", about_views.accessibility, name="accessibility"),
    path("about/privacy/", about_views.privacy, name="privacy"),
    path("feeds/", feeds_views.feeds, name="feeds"),
    path("feeds/rss.xml", feeds_views.rss, name="rss"),
    path("feeds/atom.xml", feeds_views.atom, name="atom"),
    path("feeds/feed.json", feeds_views.json_feed, name="json_feed"),
    path("feeds/calendar.ics", feeds_views.calendar, name="calendar"),
    path("embed/", feeds_views.embed, name="embed"),
    path("embed/help/", help_feeds.embed, name="embed_help"),
    path("embed/stories/<slug:key>/", story_feeds.embed, name="embed_story"),
    path("embed/help/<int:pk>/", help_feeds.embed, name="embed_offer"),
    path("embed/<int:number>/", feeds_views.embed, name="embed_bulletin"),
    path("status/", status_views.status, name="status"),
    path("status/status.json", status_views.status_json, name="status_data"),
    path("c/", check_codes_views.ask, name="codes"),
    path("c/<str:typed>/", check_codes_views.code, name="code"),
    path("app.webmanifest", app_views.manifest, name="app"),
    path("app/<slug:name>.png", app_views.icon, name="app_icon"),
    # Below the portal's address, where its service worker has a page for it when there is no connection.
    path("portal/shared/", app_views.shared, name="shared"),
    path("check/", check_text_views.check, name="check"),
]
