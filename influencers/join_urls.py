"""The addresses of joining, under join/ in every language."""

from django.urls import path

from .views import joining

app_name = "joining"
urlpatterns = [
    path("", joining.join, name="join"),
    path("code/", joining.confirm, name="confirm"),
    path("code/again/", joining.resend, name="resend"),
    path("invited/<str:token>/", joining.invited, name="invited"),
    path("invited/<str:token>/no/", joining.declined, name="declined"),
]
