"""A signed picture says who made it to other programs, and one that was changed is told."""

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image

from lib.images import content_credentials
from lib.images.card import draw
from lib.images.picture_fields import with_fields
from lib.images.ratio import Ratio

from .test_card import CHECK, SPEC
from .test_picture_fields import FIELDS

c2pa = pytest.importorskip("c2pa")  # an extra
NOW = datetime.now(UTC)


def named(name: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, name), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )


def certificate(name: str, issuer: str, key: Any, by: Any, *, is_authority: bool) -> x509.Certificate:
    usage = dict.fromkeys(
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign "
        "encipher_only decipher_only".split(),
        False,
    )
    usage["key_cert_sign" if is_authority else "digital_signature"] = True
    made = x509.CertificateBuilder(named(issuer), named(name), key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(NOW - timedelta(days=1)).not_valid_after(NOW + timedelta(days=9))
    made = made.add_extension(x509.BasicConstraints(is_authority, None), critical=True)
    made = made.add_extension(x509.KeyUsage(**usage), critical=True)
    made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    made = made.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
    if not is_authority:
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return made.sign(by, hashes.SHA256())


@pytest.fixture
def signer(tmp_path: Path) -> dict[str, str]:
    """The files of somebody whose certificate an authority signed."""
    top, own = (ec.generate_private_key(ec.SECP256R1()) for _one in range(2))
    chain = [
        certificate("Ministry", "Authority", own, top, is_authority=False),
        certificate("Authority", "Authority", top, top, is_authority=True),
    ]
    pem = serialization.Encoding.PEM
    (tmp_path / "chain.pem").write_bytes(b"".join(one.public_bytes(pem) for one in chain))
    secret = own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "key.pem").write_bytes(secret)
    return {"certificate": str(tmp_path / "chain.pem"), "key": str(tmp_path / "key.pem"), "algorithm": "es256"}


def verdict(picture: bytes) -> tuple[str, str, str]:
    """Return what another program makes of a picture: its state, title and who signed it."""
    told = json.loads(c2pa.Reader("image/png", io.BytesIO(picture)).json())
    active = told["manifests"][told["active_manifest"]]
    return told["validation_state"], active["title"], active["signature_info"]["issuer"]


def test_a_card_is_signed_and_a_changed_one_is_told(signer: dict[str, str]) -> None:
    plain = with_fields(draw(SPEC, Ratio.SQUARE, CHECK), FIELDS)
    signed = content_credentials.with_credentials(plain, "Tiedote 3", **signer)

    assert verdict(signed) == ("Valid", "Tiedote 3", "Ministry")
    assert len(signed) - len(plain) < 10_000
    with Image.open(io.BytesIO(signed)) as after, Image.open(io.BytesIO(plain)) as before:
        assert after.tobytes() == before.tobytes()
        assert after.getxmp()["xmpmeta"]["RDF"]["Description"]["Source"] == FIELDS.source
    changed = signed.replace(b"valtioneuvosto.fi", b"valtioneuvosto.xx")
    assert changed != signed and verdict(changed)[0] == "Invalid"


def test_without_the_files_nothing_is_signed(signer: dict[str, str]) -> None:
    with pytest.raises(OSError, match="nowhere"):
        content_credentials.with_credentials(b"", "x", **signer | {"key": "/nowhere.pem"})
