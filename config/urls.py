"""Every address of the site. tests/architecture checks each against the list of who may open it."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.decorators.http import require_safe

from accounts.login import views as login_views
from config.desk.site import site as desk
from delivery.urls import webhook_patterns as report_patterns
from factcheck.publication.views import short as short_fact
from impact.closing.desk_page import public_view as archive_file
from impact.measures import measures_api
from influencers.code_of_ethics import lesson_views
from influencers.escalation.seen_views import short as short_seen
from influencers.recognition import certificate_views
from influencers.urls import webhook_patterns as inbound_patterns
from operations.monitoring import health
from website.api.base import api
from website.feeds import views as feeds_views
from website.pages import sitemap_views
from website.pages.file_views import asset_file
from website.pages.views import home

from .http import bare_address, code_address, security_txt
from .http.errors import error_views

# Of an app that the API’s own knows nothing of.
api.add_router("", measures_api.router)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", bare_address.redirect_home, name="bare_address"),
    path(".well-known/security.txt", security_txt.security_txt, name="security_txt"),
    path("robots.txt", sitemap_views.robots, name="robots"),
    path("sitemap.xml", sitemap_views.sitemap, name="sitemap"),
    path("sitemap-<int:number>.xml", sitemap_views.sitemap_part, name="sitemap_part"),
    path("desk/", desk.urls),
    path("identity/<slug:provider_id>/", login_views.identity_callback, name="openid_connect_callback"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("media/<path:name>", asset_file, name="media"),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("health/serving", health.serving, name="health_serving"),
    path("metrics", health.metrics, name="metrics"),
    path("webhooks/", include(([*inbound_patterns, *report_patterns], "webhooks"))),
    path("api/v1/", api.urls),
    path("archives/<slug:slug>.zip", require_safe(archive_file), name="archive"),
    path("cap/", feeds_views.alerts, name="alerts"),
    path("cap/<str:identifier>.xml", feeds_views.alert, name="alert"),
    path("oembed", feeds_views.oembed, name="oembed"),
    # Short, for text messages.
    re_path(r"^s/(?P<code>[^/]+)/?$", short_seen, name="short_seen"),
    # In capitals, as QR codes write it in less room, and as people type it.
    re_path(r"^[cC]/?$", code_address.redirect_code, name="short_codes"),
    re_path(r"^[cC]/(?P<typed>[^/]+)/?$", code_address.redirect_code, name="short_code"),
]

# What people read has its language in its address: /fi/, /sv/, /en/.
urlpatterns += i18n_patterns(
    path("", home, name="home"),
    path("", include("website.urls")),
    path("", include("website.subscription_pages.urls")),
    path("inputs/", include("bulletins.intake.urls")),
    path("questions-to-answer/", include("questions.urls")),
    path("help/", include("stories.ways_to_help.urls")),
    path("stories/", include("stories.subtitles.urls")),
    path("municipality/questions/", include("website.municipal_questions.urls")),
    path("municipality/exchange/", include("stories.exchanges.urls")),
    path("commissions/", include("stories.commissions.urls")),
    path("contributions/", include("stories.contributions.urls")),
    path("courses/", include("stories.courses.urls")),
    path("portal/courses/", include("stories.courses.own_urls")),
    path("stories/", include("stories.urls")),
    path("municipality/", include("stories.sending.urls")),
    path("consent/", include("stories.consents.urls")),
    path("facts/", include("factcheck.urls")),
    path("f/<int:pk>/", short_fact, name="short_fact"),
    path("mail/", include("delivery.urls")),
    path("seen/", include("influencers.escalation.urls")),
    path("join/", include("influencers.onboarding.urls")),
    path("", include("impact.surveys.urls")),
    path("", include("impact.dashboard.urls")),
    path("insight/", include("impact.insight_reports.urls")),
    path("", include("impact.pretests.urls")),
    path("portal/", include("influencers.urls")),
    path("handbook/", lesson_views.handbook, name="handbook"),
    path("code-of-ethics/", lesson_views.code_of_ethics, name="code_of_ethics"),
    path("certificates/", certificate_views.certificates, name="certificates"),
    path("certificates/<str:code>/", certificate_views.checked, name="certificate"),
    path("account/", include("accounts.login.urls")),
)

handler400 = error_views.bad_request
handler403 = error_views.permission_denied
handler404 = error_views.page_not_found
handler500 = error_views.server_error
