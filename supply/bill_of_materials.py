"""The bill of materials: CycloneDX 1.6 as JSON, the same for the same lock, on whatever machine and day."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from .decisions import Copied
from .licences import Line


def bill(
    lines: Iterable[Line],
    copied: Iterable[Copied],
    *,
    name: str,
    version: str,
    licence: str,
    needs: Iterable[str],
    at: datetime | None = None,
) -> str:
    """
    Return the bill of materials of a product that asks for the packages `needs`. `at` dates it; without it there is no
    date, and its serial number comes from its content.
    """
    lines = list(lines)
    licences = LicenseFactory()

    def component(kind: ComponentType, name: str, version: str, licence: str, **more: Any) -> Component:
        licensed = [licences.make_from_string(licence)] if licence else []
        return Component(type=kind, name=name, version=version, licenses=licensed, bom_ref=f"{name}=={version}", **more)

    product = component(ComponentType.APPLICATION, name, version, licence)
    parts = {
        line.name: component(
            ComponentType.LIBRARY,
            line.name,
            line.package.version,
            line.licence,
            purl=PackageURL("pypi", None, line.name, line.package.version),
            scope=ComponentScope.REQUIRED if line.package.is_runtime else ComponentScope.EXCLUDED,
            external_references=[
                ExternalReference(
                    type=ExternalReferenceType.DISTRIBUTION,
                    url=XsUri(file.url),
                    hashes=[HashType(alg=HashAlgorithm.SHA_256, content=file.hash.removeprefix("sha256:"))],
                )
                for file in line.package.files
            ],
        )
        for line in lines
    }
    pieces = [component(ComponentType.FILE, one.name, one.version, one.licence) for one in copied]
    metadata = BomMetaData(component=product, timestamp=at)
    made = Bom(metadata=metadata, components=[*parts.values(), *pieces])
    made.register_dependency(product, [*(parts[need] for need in needs if need in parts), *pieces])
    for line in lines:
        made.register_dependency(parts[line.name], [parts[need] for need in line.package.needs if need in parts])
    data = json.loads(JsonV1Dot6(made).output_as_string())
    if at is None:
        data["metadata"].pop("timestamp", None)
    data.pop("serialNumber", None)
    data["serialNumber"] = uuid5(NAMESPACE_OID, json.dumps(data, sort_keys=True)).urn
    return json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def fault_in(text: str) -> str:
    """Return what the schema of CycloneDX 1.6 says against a bill, "" for nothing. The schema comes with the library."""
    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    return str(getattr(fault, "data", fault)).splitlines()[0] if fault is not None else ""
