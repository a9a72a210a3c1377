"""What a reader of our mail can open."""

from django.urls import path

from . import views

app_name = "delivery"
urlpatterns = [path("leave/<str:token>/", views.unsubscribe, name="unsubscribe")]
