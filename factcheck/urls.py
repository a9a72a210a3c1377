"""The public fact-checks."""

from django.urls import path

from .evidence import views as evidence_views
from .intake import views as intake_views
from .publication import feed_views
from .publication import views as publication_views

app_name = "factcheck"
urlpatterns = [
    path("", publication_views.claims, name="claims"),
    path("report/", intake_views.report, name="report"),
    path("reported/", intake_views.reported, name="reported"),
    path("feed/", feed_views.feed, name="feed"),
    path("data/claims.json", feed_views.claims, name="claims_data"),
    path("data/claimreview.json", feed_views.claimreview, name="claimreview_data"),
    path("corrections/", publication_views.corrections, name="corrections"),
    path("how-we-check/", publication_views.policy, name="policy"),
    path("cards/<slug:slug>/<int:number>-<slug:language>-<slug:ratio>.png", publication_views.card, name="card"),
    path("sources/<int:pk>/", evidence_views.copy, name="copy"),
    path("<slug:slug>/", publication_views.claim, name="claim"),
    path("<slug:slug>/versions/<int:number>/", publication_views.version, name="version"),
]
