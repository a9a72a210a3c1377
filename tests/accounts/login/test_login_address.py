"""People log in by their address, however they write it."""

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction

from accounts.models import User
from tests.support.builders import build_user

pytestmark = pytest.mark.django_db


def test_an_address_is_kept_in_lower_case():
    assert User.objects.create_user(" Alma.Aalto@Example.ORG ").email == "alma.aalto@example.org"


def test_two_spellings_of_one_address_are_one_user():
    User.objects.create_user("alma@example.org")

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("ALMA@example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="Alma@Example.org")  # past the manager: the database refuses too
    assert User.objects.count() == 1


def test_the_password_opens_whatever_the_case_of_the_address():
    user = User.objects.create_user("alma@example.org", "correct horse battery", is_staff=True)

    assert authenticate(username="Alma@Example.ORG", password="correct horse battery") == user
    assert authenticate(username="Alma@Example.ORG", password="wrong") is None


def test_a_user_without_an_address_is_refused():
    with pytest.raises(ValueError, match="needs an email address"):
        User.objects.create_user("")
    assert not User.objects.exists()


def test_a_user_without_a_password_cannot_log_in_by_one():
    user = User.objects.create_user("alma@example.org")

    assert not user.has_usable_password()
    assert authenticate(username=user.email, password="") is None


def test_a_nameless_user_is_called_by_their_address():
    user = build_user("alma")
    assert str(user) == "Alma"
    user.name = ""
    assert str(user) == user.get_full_name() == "alma@example.org"
