"""The public pages of bulletins and answers, and the pages of those who give message input."""

from django.urls import path

from .views import about, check, feeds, inputs, pages, to_answer

app_name = "bulletins"
urlpatterns = [
    path("bulletins/", pages.archive, name="archive"),
    path("bulletins/<int:number>/", pages.bulletin, name="bulletin"),
    path("bulletins/<int:number>/versions/<int:version>/", pages.version, name="version"),
    path("answers/", pages.answers, name="answers"),
    path("answers/<slug:slug>/", pages.answer, name="answer"),
    path("answers/<slug:slug>/versions/<int:version>/", pages.answer_version, name="answer_version"),
    path(
        "answers/<slug:slug>/versions/<int:version>/<str:language>.vtt",
        pages.answer_subtitles,
        name="answer_subtitles",
    ),
    path("help/", pages.ways_to_help, name="help"),
    path("about/", about.about, name="about"),
    path("about/corrections/", about.corrections, name="corrections"),
    path("about/accessibility/", about.accessibility, name="accessibility"),
    path("about/privacy/", about.privacy, name="privacy"),
    path("feeds/", feeds.feeds, name="feeds"),
    path("feeds/rss.xml", feeds.rss, name="rss"),
    path("feeds/atom.xml", feeds.atom, name="atom"),
    path("feeds/feed.json", feeds.json_feed, name="json_feed"),
    path("feeds/calendar.ics", feeds.calendar, name="calendar"),
    path("embed/", feeds.embed, name="embed"),
    path("embed/<int:number>/", feeds.embed, name="embed_bulletin"),
    path("check/", check.check, name="check"),
    path("inputs/", inputs.inputs, name="inputs"),
    path("inputs/new/", inputs.submit_input, name="submit_input"),
    path("inputs/<int:pk>/", inputs.message_input, name="input"),
    path("inputs/<int:pk>/sent/", inputs.input_sent, name="input_sent"),
    path("inputs/<int:pk>/attachments/<int:attachment>/", inputs.input_attachment, name="input_attachment"),
    path("questions-to-answer/", to_answer.questions_to_answer, name="questions_to_answer"),
    path("questions-to-answer/<int:pk>/", to_answer.to_answer, name="to_answer"),
    path("questions-to-answer/<int:pk>/video/", to_answer.to_answer_video, name="to_answer_video"),
]
