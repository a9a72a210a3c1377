"""Who is invited proves the address by a code; opening the link accepts nothing; who was invited to check stories sends none."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.access import two_administrators
from accounts.access.roles import Role
from accounts.models import User
from stories.models import MunicipalityInvitation
from stories.municipalities import invitations
from tests.stories.sending.scene import build_municipality, build_sender
from tests.support import builders
from tests.support.builders import editor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("roles")]


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def town(campaign):
    return build_municipality(campaign)


@pytest.fixture
def invitation(town, now):
    return invitations.invite(town, "Mayor@town.example", language="en", by=editor(), at=now)


def link_of(invitation):
    return f"/en/municipality/join/{invitations.token_of(invitation)}/"


def test_from_the_mail_to_the_first_story_by_a_code(client, town, invitation, now):
    assert invitations.send_due(at=now) == 1
    link = re.search(r"https?://\S+(/en/municipality/join/\S+)", mail.outbox[0].body)[1]
    for _scanner in range(2):
        assert client.get(link).status_code == 200
    assert not User.objects.filter(email="mayor@town.example").exists()
    answer = client.post(link)
    assert answer.status_code == 307
    mail.outbox.clear()
    answer = client.post(answer["Location"], {"email": ""}, follow=True)
    code = re.search(r"\b(\d{6})\b", sent_code(now))[1]
    user = User.objects.get(email="mayor@town.example")
    assert not user.groups.exists()
    request = answer.request
    answer = client.post(f"{request['PATH_INFO']}?{request['QUERY_STRING']}", {"code": code})
    assert answer["Location"].startswith(link)
    assert not town.members.exists()
    assert client.post(link)["Location"] == "/en/municipality/"
    assert [one.user for one in town.members.all()] == [user]
    assert "Send a video" in client.get("/en/municipality/").text
    assert client.get(link).status_code == 404  # it works once


def sent_code(now):
    from accounts.login import code_mails

    code_mails.send_waiting(at=timezone.now())
    return mail.outbox[-1].body


def test_anybody_elses_login_takes_up_nothing(client, town, invitation):
    client.force_login(builders.build_user("otto", "influencer"))
    assert "another address" in client.get(link_of(invitation)).text
    assert client.post(link_of(invitation)).status_code == 404
    assert not town.members.exists()


def test_what_is_withdrawn_old_or_cut_opens_nothing(client, town, invitation, now):
    link = link_of(invitation)
    assert client.get(link[:-4] + "/").status_code == 404
    MunicipalityInvitation.objects.update(at=now - timedelta(days=61))
    assert client.get(link).status_code == 404
    MunicipalityInvitation.objects.update(at=now)
    invitations.withdraw(invitation, by=editor(), at=now)
    assert client.post(link).status_code == 404
    assert invitations.send_due(at=now) == 0
    with pytest.raises(invitations.NotInvited):
        invitations.withdraw(invitation, by=editor(), at=now)


def test_nobody_is_invited_twice_nor_a_colleague(town, invitation, now):
    for email in ("mayor@town.example", editor().email, build_sender(town).email):
        with pytest.raises(invitations.NotInvited):
            invitations.invite(town, email, language="en", by=editor(), at=now)
    assert MunicipalityInvitation.objects.count() == 1


def test_who_is_taken_off_loses_the_role_and_counts_as_one_who_writes(client, town, now):
    user = build_sender(town)
    assert Role.MUNICIPALITY in two_administrators.WRITING
    client.force_login(user)
    assert client.get("/en/municipality/").status_code == 200
    invitations.remove(town.members.get(), by=editor(), at=now)
    assert not user.groups.exists()
    client.force_login(User.objects.get(pk=user.pk))
    assert client.get("/en/municipality/").status_code == 403


def test_the_desk_invites_withdraws_and_takes_off(town, signed_in, now):
    client = signed_in(builders.build_user("liaison-one", "liaison"))
    page, step = f"/desk/stories/municipality/{town.pk}/change/", f"/desk/stories/municipality/{town.pk}/step/"
    client.post(step, {"do": "invite", "email": "a@town.example", "language": "sv"})
    row = MunicipalityInvitation.objects.get()
    assert (row.language, "a@town.example" in client.get(page).text) == ("sv", True)
    client.post(step, {"do": "withdraw", "key": row.pk})
    member = build_sender(town)
    assert member.email in client.get(page).text
    client.post(step, {"do": "remove", "key": town.members.get().pk})
    assert not town.members.exists()
    row.refresh_from_db()
    assert row.withdrawn_at is not None
    client = signed_in(builders.build_user("ed-one", "editor"))
    assert client.post(step, {"do": "invite", "email": "b@town.example", "language": "sv"}).status_code == 403
