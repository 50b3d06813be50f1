"""How does an e-mail leave the house?"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING

from dispatch.adapters.messages.port import later, never, sent
from dispatch.domain.messages import LONGEST_ANSWER, Outcome
from dispatch.domain.sentences import say

if TYPE_CHECKING:
    from dispatch.adapters.messages.port import Message

_FIRST_FINAL = 500
DOMAIN = "onevisit.invalid"


@dataclass(frozen=True)
class Mail:
    """Sends by one SMTP server; `security` is `starttls`, `tls` or `none`."""

    host: str
    port: int
    sender: str
    seconds: float
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)

    def __call__(self, message: Message) -> Outcome:
        """Send one e-mail; its Message-ID is the same for every copy."""
        if "@" not in parseaddr(message.recipient)[1] or not message.recipient.isprintable():
            return never(say("This is no e-mail address."))
        try:
            with self._connection() as server:
                server.send_message(self._letter(message))
        except (OSError, smtplib.SMTPException, ValueError) as fault:
            return _outcome_of(fault)
        return sent(250)

    def _connection(self) -> smtplib.SMTP:
        if self.security == "tls":
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=self.seconds, context=context
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.seconds)
        try:
            if self.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server

    def _letter(self, message: Message) -> EmailMessage:
        letter = EmailMessage()
        letter["From"], letter["To"] = self.sender, message.recipient
        letter["Subject"] = " ".join(message.subject.split())
        letter["Date"] = format_datetime(message.at)
        letter["Message-ID"] = f"<{message.key}@{DOMAIN}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(message.text)
        return letter


def _outcome_of(fault: Exception) -> Outcome:
    match fault:
        case smtplib.SMTPRecipientsRefused():
            return _refused(*next(iter(fault.recipients.values())))
        case smtplib.SMTPAuthenticationError():
            # An operator mends the password; the message is not to blame.
            return later(say("The mail server refuses our sign-in."), fault.smtp_code)
        case smtplib.SMTPResponseException():
            return _refused(fault.smtp_code, fault.smtp_error)
        case _ if isinstance(fault, TimeoutError) or isinstance(fault.__context__, TimeoutError):
            return later(say("It took too long."))
        case _:
            return later(say("The connection failed."))


def _refused(code: int, words: bytes | str) -> Outcome:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    why = say("The mail server refused it with %(code)s.", code=code)
    refuse = never if code >= _FIRST_FINAL else later
    return refuse(why, code, text[:LONGEST_ANSWER])
