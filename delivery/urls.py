"""What a reader of our mail can open, and where providers report."""

from django.urls import path

from .feedback import webhooks
from .links import views

app_name = "delivery"
urlpatterns = [
    path("leave/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("seed/<str:token>/", views.seed, name="seed"),
    path("<str:token>/", views.read, name="read"),
]

# Without a language in their address. config/urls.py puts those beside them that take mail in.
webhook_patterns = [path("<slug:provider>/", webhooks.report, name="report")]
