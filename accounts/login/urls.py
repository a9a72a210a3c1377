"""
The addresses of logging in and out, under their allauth names: those that are needed here, and no others.

Nobody signs up or resets a password here: influencers are invited and get a code by mail, staff and
contributors are given their account by an administrator.
"""

from allauth.account import views
from allauth.mfa.base import views as mfa
from allauth.mfa.webauthn import views as passkeys
from django.urls import path
from django.views.decorators.cache import never_cache

from accounts.own_account import data_views
from accounts.own_account import views as own_account_views

from . import reauthentication
from . import views as login_views

urlpatterns = [
    # One's own account
    path("", own_account_views.account, name="account"),
    path("sessions/", own_account_views.session_list, name="account_sessions"),
    path("sessions/end/", own_account_views.session_end, name="account_session_end"),
    path("sessions/end-all/", own_account_views.log_out_everywhere, name="account_log_out_everywhere"),
    path("sessions/here/", own_account_views.session_state, name="account_session"),
    path("password/", own_account_views.password, name="account_password"),
    path("data/", data_views.data, name="account_data"),
    path("data/file/", data_views.file, name="account_data_file"),
    path("first/<str:token>/", own_account_views.first, name="account_first"),
    # Logging in and out
    path("login/", login_views.login, name="account_login"),
    path("login/code/", login_views.request_login_code, name="account_request_login_code"),
    path("login/code/confirm/", login_views.confirm_login_code, name="account_confirm_login_code"),
    path("login/link/<str:token>/", login_views.login_by_link, name="account_login_link"),
    path("logout/", never_cache(views.logout), name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("login/passkey/", login_views.login_by_passkey, name="mfa_login_webauthn"),
    path("login/identity/", login_views.login_by_identity, name="identity"),
    path("login/second-factor/", mfa.authenticate, name="mfa_authenticate"),
    # Proving once more who one is
    path("again/", never_cache(views.reauthenticate), name="account_reauthenticate"),
    path("again/code/", never_cache(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("again/passkey/", never_cache(passkeys.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("again/on/", reauthentication.resume_request, name="account_go_on"),
    path("again/mail/", login_views.confirm_by_mail, name="account_confirm_by_mail"),
    # The second factor
    path("second-factor/", login_views.second_factors, name="mfa_index"),
    path("second-factor/app/", login_views.add_app, name="mfa_activate_totp"),
    path("second-factor/app/remove/", login_views.remove_app, name="mfa_deactivate_totp"),
    path("second-factor/passkey/", login_views.add_passkey, name="mfa_add_webauthn"),
    path("second-factor/passkey/<int:pk>/remove/", login_views.remove_passkey, name="mfa_remove_webauthn"),
    path("second-factor/passkey/<int:pk>/rename/", login_views.rename_passkey, name="mfa_edit_webauthn"),
    path("second-factor/recovery-codes/", login_views.recovery_codes, name="mfa_view_recovery_codes"),
    path("second-factor/recovery-codes/new/", login_views.new_recovery_codes, name="mfa_generate_recovery_codes"),
]
