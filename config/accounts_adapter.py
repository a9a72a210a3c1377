"""How allauth behaves here."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up through allauth: influencers join the portal's own way, staff are invited."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Say no."""
        return False
