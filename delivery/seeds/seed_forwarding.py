"""
Where a measured seed address forwards its mail to: our return path with a signed mark of the address, one for its inbox and one
for its spam folder, which only whoever set up the forwarding knows.
"""

import re
from collections.abc import Iterable

from delivery.links.signing import marks
from delivery.message.addresses import bounce_address
from delivery.models import SeedAddress, SeedArrival

Folder = SeedArrival.Folder

PURPOSES = {Folder.INBOX: "seed", Folder.SPAM: "seedspam"}
FORWARDED_TO = re.compile(r"[^@+]{1,64}\+(seed|seedspam)-([0-9]{1,19}\.[0-9a-f]{16})@[^@]{1,255}", re.IGNORECASE)


def forwarding_address(seed: SeedAddress, folder: Folder) -> str:
    """Return where a seed address forwards what came to a folder."""
    local, _at, domain = bounce_address(seed.campaign.sender_email).rpartition("@")
    name = PURPOSES[folder]
    return f"{local}+{name}-{marks(f'delivery.{name}').of(seed.pk)}@{domain}"


def seed_of(addresses: Iterable[str]) -> tuple[int, Folder] | None:
    """Return the key of the seed address and the folder that one of these addresses names, None when none is ours."""
    for address in addresses:
        if match := FORWARDED_TO.fullmatch(address.strip().strip("<>")):
            name = match[1].lower()
            if numbers := marks(f"delivery.{name}").numbers(match[2]):
                return numbers[0], next(folder for folder, purpose in PURPOSES.items() if purpose == name)
    return None
