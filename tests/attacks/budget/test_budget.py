"""Every reader of bytes from outside keeps to a budget of processor time and memory, whatever it is given."""

import ast

import pytest

from tests.architecture import PACKAGES, ROOT

from . import gluttons, measure, outside_readers

# Modules that unpack, decode or parse something: each is fed by a reader of `outside.py`, or the reason stands here.
PARSERS = {
    "PIL", "base64", "binascii", "bz2", "csv", "difflib", "email", "gzip", "html.parser", "lxml", "lzma", "markdown", "mailbox", "pickle",
    "plistlib", "struct", "tarfile", "tomllib", "xml", "xml.etree", "yaml", "zipfile", "zlib",
}  # fmt: skip
FED = {
    "bulletins/intake/cap.py", "lib/text/revisions/word_diff.py", "bulletins/intake/api_requests.py", "lib/text/markup.py", "lib/images/uploaded_images.py",
    "delivery/feedback/return_path_mails.py", "delivery/feedback/inbound_headers.py", "delivery/feedback/sns.py", "factcheck/evidence/page_text.py",
    "bulletins/intake/input_attachments.py", "factcheck/intake/claims_csv.py", "influencers/inbox/mail/quoted_text.py",
    "lib/images/code_reader.py", "lib/images/likeness.py", "website/check_text/pictures.py",
    "influencers/inbox/mail/mime_reader.py", "influencers/onboarding/csv_import/reader.py", "impact/measures/csv_import.py",
    "impact/measures/collectors/media_feed.py", "stories/municipalities/municipality_list.py", "stories/sending/tus_views.py",
    "delivery/transports/push/subscriptions.py",
}  # fmt: skip
ONLY_OURS = {
    "lib/csv_rows.py": "writes CSV",
    "delivery/transports/push/encryption.py": "writes the header of what we have encrypted",
    "delivery/transports/sms/providers.py": "encodes a login of ours",
    "delivery/transports/sms/receipts.py": "encodes a signature of ours to compare another with",
    "impact/closing/archive_writers.py": "writes ZIP",
    "impact/closing/static_page.py": "reads pages of ours",
    "accounts/crypto/encryption.py": "encodes a digest of ours",
    "accounts/login/second_factor.py": "decodes a secret of ours",
    "bulletins/media/renditions.py": "opens pictures that uploaded_images.py has drawn",
    "website/feeds/oembed.py": "writes XML",
    "website/feeds/cap_alerts.py": "writes XML",
    "bulletins/media/packages.py": "writes ZIP",
    "bulletins/media/message_cards.py": "opens pictures of ours",
    "bulletins/authority_posts/pictures.py": "opens pictures of ours",
    "preparedness/drills/made_up_work.py": "draws lots from names of ours",
    "lib/yaml_files.py": "reads files that the product comes with",
    "impact/measures/standard_measures.py": "reads a file that the product comes with",
    "impact/surveys/question_bank.py": "reads a file that the product comes with",
    "stories/commissions/disclosure.py": "reads a file that the product comes with",
    "lib/images/card.py": "draws pictures",
    "stories/story_media/burnt_words.py": "draws pictures",
    "stories/story_media/share_pictures.py": "draws pictures",
    "stories/story_media/makers.py": "opens pictures that FFmpeg or uploaded_images.py has drawn",
    "lib/images/picture_metadata.py": "writes into pictures of ours",
    "lib/images/proof_strip.py": "draws pictures",
    "lib/images/themes/bold.py": "draws pictures",
    "lib/images/themes/carousel.py": "draws pictures",
    "lib/images/themes/films.py": "draws pictures",
    "lib/images/themes/renderer.py": "draws pictures",
    "lib/images/themes/overlays.py": "draws pictures",
    "lib/images/themes/own_words.py": "draws pictures",
    "lib/images/themes/photo.py": "draws pictures",
    "lib/images/themes/plain.py": "draws pictures",
    "lib/images/themes/quiet.py": "draws pictures",
    "lib/images/themes/sheet.py": "draws pictures",
    "lib/images/typesetting.py": "draws pictures",
    "website/pages/app_icons.py": "draws pictures",
    "operations/backups/backup.py": "writes an archive",
    "operations/incident_report.py": "writes ZIP",
    "config/http/caches/page_cache.py": "packs pages of ours",
    "operations/version.py": "reads the project's own pyproject.toml",
    "delivery/message/headers.py": "encodes mail of ours",
    "delivery/message/quoted_printable.py": "encodes mail of ours",
    "operations/backups/restore.py": "unpacks an archive whose digests the manifest of the back-up knows",
    "delivery/preflight/dkim.py": "decodes a key from DNS, where an answer has 64 kB",
    "delivery/sending/journal.py": "reads records of one length that a worker of this host wrote, each with its checksum",
    "delivery/transports/mail/django_backend.py": "reads mail of ours",
    "influencers/inbox/mail/arrived_mail.py": "reads the first 10 kB of a header, and hands the rest on to what “mail” and “reports” feed",
    "influencers/inbox/mail/inbound.py": "hands what comes in to mime_reader.py, as the reader “mail” does",
}


def parsers_in(path) -> set[str]:
    """Return the parsers that a module imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    names -= {
        "email.message",
        "email.utils",
        "email.headerregistry",
        "email.errors",
    }  # a type, addresses, or what is written
    return {
        known for name in names for known in (name, name.rpartition(".")[0], name.partition(".")[0]) if known in PARSERS
    }


def test_no_module_that_parses_is_without_a_reader():
    modules = {
        str(path.relative_to(ROOT)): found
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if not {"migrations", "demo"} & set(path.parts) and (found := parsers_in(path))
    }
    assert {name: found for name, found in modules.items() if name not in FED | ONLY_OURS.keys()} == {}
    assert sorted((FED | ONLY_OURS.keys()) - modules.keys()) == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_reader_of_outside_bytes_keeps_to_its_budget():
    outcomes = measure.elsewhere()
    assert {outcome.reader for outcome in outcomes} == {reader.name for reader in outside_readers.READERS}
    wrong = {(outcome.reader, outcome.case): str(outcome) for outcome in outcomes if outcome.wrong}
    assert [says for case, says in wrong.items() if case not in outside_readers.WAITING] == []
    assert outside_readers.WAITING - wrong.keys() == set(), "These hold now: take them off the list."


def test_the_budget_tells_of_time_memory_and_faults_and_goes_on_with_the_next_case():
    outcomes = measure.elsewhere("tests.attacks.budget.gluttons")
    told = {outcome.case: outcome.wrong for outcome in outcomes if not outcome.case.startswith("seed ")}
    assert list(told) == list(gluttons.CASES)
    assert told["nothing"] == told["refuses"] == told["nothing again"] == ""
    assert "of processor time and was ended" in told["a pattern that never comes back"]
    assert "more memory than it may have" in told["memory at once"]
    assert "more than 32 MB" in told["memory little by little, its refusal swallowed"]
    assert "ZeroDivisionError was not expected" in told["a fault"]
    assert "ended with 7" in told["ends the process"]


def test_what_is_changed_at_random_is_the_same_for_the_same_seed():
    reader = next(reader for reader in outside_readers.READERS if reader.name == "videos")
    first = [next(measure.mutated(reader, start=seed)) for seed in (0, 1, 2)]
    again = [next(measure.mutated(reader, start=seed)) for seed in (0, 1, 2)]
    assert first == again and len({data for _name, data in first}) == 3
