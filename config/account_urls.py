"""
The addresses of logging in and out, under their allauth names: those that are needed here, and no others.

Nobody signs up or resets a password here: influencers are invited and get a code by mail, staff and
contributors are given their account by an administrator.
"""

from allauth.account import views
from django.urls import path
from django.views.decorators.cache import never_cache

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("login/code/", never_cache(views.request_login_code), name="account_request_login_code"),
    path("login/code/confirm/", views.confirm_login_code, name="account_confirm_login_code"),
    path("logout/", never_cache(views.logout), name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
]
