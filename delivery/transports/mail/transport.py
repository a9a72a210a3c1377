"""What the mailers share that take whole mails, one at a time: our SMTP client, and backends of Django."""

from datetime import datetime

from delivery.message.mime import Compiled, Envelope, Person
from delivery.models import Message
from delivery.transports.transport import OneAtATime


class OneMailAtATime(OneAtATime):
    """A mailer that takes whole mails."""

    def compiled(self, message: Message, *, at: datetime) -> Compiled:
        """Return a message ready to be made personal."""
        return Compiled(message, at=at)

    def prepare(self, compiled: Compiled, person: Person) -> Envelope:
        """Return the whole mail as bytes."""
        return compiled.envelope(person)
