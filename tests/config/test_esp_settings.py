"""A provider's API as the mailer: what is read, what is refused, and in which words."""

import pytest
from django.core.checks import run_checks

from .test_settings import start


def test_a_provider_is_named_in_the_address_and_its_key_in_a_variable(tmp_path):
    shown = start(
        tmp_path,
        MAIL_URL="esp://mailgun",
        ANYMAIL_MAILGUN_API_KEY="key-1",
        ANYMAIL_POSTMARK_USE_BULK_API="false",
        ANYMAIL_SEND_DEFAULTS='{"tags": ["bulletin"]}',
    ).stdout
    assert "'BACKEND': 'anymail.backends.mailgun.EmailBackend'" in shown
    assert "'MAILGUN_API_KEY': 'key-1'" in shown
    assert "'POSTMARK_USE_BULK_API': False" in shown
    assert "'SEND_DEFAULTS': {'tags': ['bulletin']}" in shown
    assert "'default': 'esp'" in shown and "'exercise': 'smtp'" in shown


@pytest.mark.parametrize(
    ("name", "value", "should"),
    [
        ("MAIL_URL", "esp://pigeon", "esp:// and one of amazon-ses, brevo"),
        ("BACKUP_MAIL_URL", "esp://pigeon", "esp:// and one of amazon-ses, brevo"),
        ("EXERCISE_MAIL_URL", "esp://mailgun", "smtp+tls://user:password@host:587"),
        ("ANYMAIL_SEND_DEFAULTS", "{tags", "not JSON"),
    ],
)
def test_a_wrong_value_is_refused_in_one_sentence(tmp_path, name, value, should):
    done = start(tmp_path, **{name: value})
    assert done.returncode == 2 and done.stderr.startswith("Not started: ")
    assert name in done.stderr and should in done.stderr


def test_a_provider_without_its_key_is_not_fit_for_production(settings):
    settings.MAIL = {"esp": "mailjet", "host": "mailjet", "port": 443}
    settings.MAILERS = {**settings.MAILERS, "default": {"BACKEND": "anymail.backends.mailjet.EmailBackend"}}
    settings.ANYMAIL = {"MAILJET_API_KEY": "key"}
    found = {item.id: item for item in run_checks(tags=["security"], include_deployment_checks=True)}
    assert found["bulletins.E013"].hint == "Set ANYMAIL_MAILJET_SECRET_KEY, see docs/operating/mail/providers.md."

    settings.ANYMAIL = {"MAILJET_API_KEY": "key", "MAILJET_SECRET_KEY": "secret"}
    assert "bulletins.E013" not in {item.id for item in run_checks(tags=["security"], include_deployment_checks=True)}
