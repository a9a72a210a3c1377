"""
Staff who log in at their organisation's own identity provider (OpenID Connect). It vouches for an address; who that is,
and what they may do, is known here. Nobody gets an account that way, and nothing of what it says is stored.

allauth walks the way there and back, with state and PKCE; the identity token is checked here (OpenID Connect Core 1.0,
3.1.3.7): issuer, audience, time, nonce and signature.
"""

import secrets
from typing import Any

import jwt
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.crypto import constant_time_compare
from requests import RequestException

from accounts.models import User

PROVIDER = "staff"
# What an identity provider may sign with: never "none", and never a secret that both know.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
CLOCK_SECONDS = 60
NONCE = "oidc_nonce"


class StaffProvider(OpenIDConnectOAuth2Adapter):
    """The identity provider of the settings."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """Return what it says about itself. Raise OAuth2Error when that is someone else's."""
        config: dict[str, Any] = super().openid_config
        if str(config.get("issuer", "")).rstrip("/") != settings.OIDC_ISSUER:
            raise OAuth2Error("The identity provider calls itself otherwise.")
        return config

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> SocialLogin:
        """Return the login that the identity token stands for. Raise OAuth2Error when it is not to be trusted."""
        claims = self.claims(kwargs["response"].get("id_token") or "", request.session.pop(NONCE, ""))
        return self.get_provider().sociallogin_from_response(request, {"id_token": claims})

    def claims(self, id_token: str, nonce: str) -> dict[str, Any]:
        """Return what a token says. Raise OAuth2Error."""
        try:
            keys = jwt.PyJWKClient(self.openid_config["jwks_uri"], cache_keys=False, timeout=5)
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key=keys.get_signing_key_from_jwt(id_token).key,
                algorithms=ALGORITHMS,
                audience=settings.OIDC_CLIENT_ID,
                issuer=self.openid_config["issuer"],
                leeway=CLOCK_SECONDS,
                options={"require": ["exp", "iat", "iss", "aud", "sub", "nonce"]},
            )
        except (jwt.PyJWTError, KeyError) as fault:
            raise OAuth2Error("The identity token is not to be trusted.") from fault
        if not (nonce and constant_time_compare(str(claims["nonce"]), nonce)):
            raise OAuth2Error("The identity token was made for another login.")
        return claims


def redirect_to_provider(request: HttpRequest, next_url: str | None) -> HttpResponseRedirect:
    """
    Return the redirect to the identity provider. Raise Http404 when there is none, and RequestException or OAuth2Error when
    it is away.
    """
    adapter = adapter_for(request)
    nonce = request.session[NONCE] = secrets.token_urlsafe(24)
    provider = adapter.get_provider()
    assert adapter.openid_config  # it is there, and it is the one that the settings name
    response: HttpResponseRedirect = provider.redirect(
        request, process="login", next_url=next_url, auth_params={"nonce": nonce}
    )
    return response


def log_in_from_provider(request: HttpRequest) -> HttpResponse:
    """Take someone in who comes back from the identity provider. Raise Http404 when there is none."""
    response: HttpResponse = OAuth2CallbackView.adapter_view(adapter_for(request))(request)
    return response


def adapter_for(request: HttpRequest) -> StaffProvider:
    """Return the identity provider of the settings, or raise Http404."""
    if not settings.OIDC_ISSUER:
        raise Http404
    return StaffProvider(request, PROVIDER)


def staff_member_of(login: SocialLogin) -> User | None:
    """Return the member of staff whom the provider vouches for: active, and with that very address, verified."""
    claims = login.account.extra_data.get("id_token", {})
    address = claims.get("email")
    if not isinstance(address, str) or claims.get("email_verified") is not True:
        return None
    return User.objects.filter(email=address.strip().lower(), is_staff=True, is_active=True).first()


AWAY = (RequestException, OAuth2Error)
