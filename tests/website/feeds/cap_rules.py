"""
The rules of CAP 1.2, checked without the application: which elements there are, in which order, how often, and with which
values. Written from the OASIS Standard CAP-V1.2 (1 July 2010), its element tables and its notes.
"""

import re
from datetime import datetime
from xml.etree import ElementTree

NAMESPACE = "{urn:oasis:names:tc:emergency:cap:1.2}"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d\Z")
LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*\Z")
NAME = re.compile(r"[^\s,<&]+\Z")
ONE, MAYBE, MANY, SOME = (1, 1), (0, 1), (0, None), (1, None)
Rules = list[tuple[str, tuple[int, int | None]]]

ALERT: Rules = [
    ("identifier", ONE), ("sender", ONE), ("sent", ONE), ("status", ONE), ("msgType", ONE), ("source", MAYBE),
    ("scope", ONE), ("restriction", MAYBE), ("addresses", MAYBE), ("code", MANY), ("note", MAYBE), ("references", MAYBE),
    ("incidents", MAYBE), ("info", MANY),
]  # fmt: skip
INFO: Rules = [
    ("language", MAYBE), ("category", SOME), ("event", ONE), ("responseType", MANY), ("urgency", ONE),
    ("severity", ONE), ("certainty", ONE), ("audience", MAYBE), ("eventCode", MANY), ("effective", MAYBE),
    ("onset", MAYBE), ("expires", MAYBE), ("senderName", MAYBE), ("headline", MAYBE), ("description", MAYBE),
    ("instruction", MAYBE), ("web", MAYBE), ("contact", MAYBE), ("parameter", MANY), ("resource", MANY), ("area", MANY),
]  # fmt: skip
PAIR: Rules = [("valueName", ONE), ("value", ONE)]
AREA: Rules = [
    ("areaDesc", ONE), ("polygon", MANY), ("circle", MANY), ("geocode", MANY), ("altitude", MAYBE), ("ceiling", MAYBE),
]  # fmt: skip
INSIDE = {"info": INFO, "area": AREA, "parameter": PAIR, "geocode": PAIR, "eventCode": PAIR}
VALUES = {
    "status": "Actual Exercise System Test Draft",
    "msgType": "Alert Update Cancel Ack Error",
    "scope": "Public Restricted Private",
    "category": "Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other",
    "responseType": "Shelter Evacuate Prepare Execute Avoid Monitor Assess AllClear None",
    "urgency": "Immediate Expected Future Past Unknown",
    "severity": "Extreme Severe Moderate Minor Unknown",
    "certainty": "Observed Likely Possible Unlikely Unknown",
}


def faults_of(written: bytes) -> list[str]:
    """Return what is wrong with an alert, [] when it is a valid one."""
    root = ElementTree.fromstring(written)
    faults = [] if root.tag == f"{NAMESPACE}alert" else [f"{root.tag} is no alert"]
    faults += within(root, ALERT)
    texts = {child.tag.removeprefix(NAMESPACE): child.text or "" for child in root}
    faults += [name for name in ("identifier", "sender") if not NAME.match(texts.get(name, ""))]
    if texts.get("msgType") in {"Update", "Cancel"} and not texts.get("references"):
        faults.append("references: what is updated or cancelled is named")
    for reference in texts.get("references", "").split():
        parts = reference.split(",")
        if len(parts) != 3 or not MOMENT.match(parts[2]):
            faults.append(f"references: {reference}")
    languages = [element.findtext(f"{NAMESPACE}language") for element in root.findall(f"{NAMESPACE}info")]
    return faults + (["info: one for a language"] if len(set(languages)) != len(languages) else [])


def within(element: ElementTree.Element, rules: Rules) -> list[str]:
    """Return what is wrong inside an element: order, number, values, and elements that say nothing."""
    where = element.tag.removeprefix(NAMESPACE)
    names = [child.tag.removeprefix(NAMESPACE) for child in element]
    order = [name for name, _often in rules]
    faults = [f"{where}: {name} is unknown" for name in names if name not in order]
    places = [order.index(name) for name in names if name in order]
    faults += [f"{where}: the order is {names}"] if places != sorted(places) else []
    for name, (least, most) in rules:
        if names.count(name) < least or (most is not None and names.count(name) > most):
            faults.append(f"{where}: {names.count(name)} {name}")
    for child in element:
        name = child.tag.removeprefix(NAMESPACE)
        faults += [f"{name} has attributes"] if child.attrib else []
        faults += within(child, INSIDE[name]) if name in INSIDE else of_text(name, child.text or "")
    return faults


def of_text(name: str, text: str) -> list[str]:
    """Return what is wrong with the text of an element."""
    if not text.strip():
        return [f"{name} is empty"]
    if name in VALUES and text not in VALUES[name].split():
        return [f"{name} is {text}"]
    if name in {"sent", "effective", "onset", "expires"}:
        if not MOMENT.match(text) or text.endswith("+00:00"):
            return [f"{name} is {text}"]
        datetime.fromisoformat(text)
    if name == "language" and not LANGUAGE.match(text):
        return [f"{name} is {text}"]
    return []
