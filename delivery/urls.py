"""What a reader of our mail can open, and where providers report."""

from django.urls import path

from .feedback import sms_reports, telegram_updates, webhooks, whatsapp_updates
from .links import views as links
from .message import views as message
from .seeds import views as seeds

app_name = "delivery"
urlpatterns = [
    path("leave/<str:token>/", links.unsubscribe, name="unsubscribe"),
    path("seed/<str:token>/", seeds.seed, name="seed"),
    path("<str:token>/", message.read, name="read"),
]

# Without a language in their address. config/urls.py puts those beside them that take mail in.
webhook_patterns = [
    path("sms/<slug:way>/report/", sms_reports.report, name="sms_report"),
    path("sms/<slug:way>/message/", sms_reports.message, name="sms_message"),
    path("telegram/updates/", telegram_updates.updates, name="telegram"),
    path("whatsapp/updates/", whatsapp_updates.updates, name="whatsapp"),
    path("<slug:provider>/", webhooks.report, name="report"),
]
