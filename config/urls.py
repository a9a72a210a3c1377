"""Every address of the site. tests/architecture checks each against the list of who may open it."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path

from accounts import views as accounts
from bulletins.api import api
from bulletins.views import feeds, mapping
from bulletins.views.media import asset_file
from bulletins.views.pages import home
from delivery.urls import webhook_patterns as report_patterns
from factcheck.views.pages import short as short_fact
from influencers.urls import webhook_patterns as inbound_patterns
from influencers.views import certificates, lessons

from . import health, views
from .desk import site as desk

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.front_door, name="front_door"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path("robots.txt", mapping.robots, name="robots"),
    path("sitemap.xml", mapping.sitemap, name="sitemap"),
    path("sitemap-<int:number>.xml", mapping.sitemap_part, name="sitemap_part"),
    path("desk/", desk.urls),
    path("identity/<slug:provider_id>/", accounts.back_from_identity, name="openid_connect_callback"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("media/<path:name>", asset_file, name="media"),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("health/serving", health.serving, name="health_serving"),
    path("metrics", health.metrics, name="metrics"),
    path("webhooks/", include(([*inbound_patterns, *report_patterns], "webhooks"))),
    path("api/v1/", api.urls),
    path("cap/", feeds.alerts, name="alerts"),
    path("cap/<str:identifier>.xml", feeds.alert, name="alert"),
    path("oembed", feeds.oembed, name="oembed"),
]

# What people read has its language in its address: /fi/, /sv/, /en/.
urlpatterns += i18n_patterns(
    path("", home, name="home"),
    path("", include("bulletins.urls")),
    path("", include("bulletins.subscription_urls")),
    path("facts/", include("factcheck.urls")),
    path("f/<int:pk>/", short_fact, name="short_fact"),
    path("mail/", include("delivery.urls")),
    path("join/", include("influencers.join_urls")),
    path("portal/", include("influencers.urls")),
    path("handbook/", lessons.handbook, name="handbook"),
    path("code-of-ethics/", lessons.code_of_ethics, name="code_of_ethics"),
    path("certificates/", certificates.certificates, name="certificates"),
    path("certificates/<str:code>/", certificates.checked, name="certificate"),
    path("account/", include("config.account_urls")),
)

handler400 = views.bad_request
handler403 = views.permission_denied
handler404 = views.page_not_found
handler500 = views.server_error
