"""Does an e-mail reach a real server, and is each refusal read rightly?"""

from __future__ import annotations

import socket
from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from dispatch.adapters.messages.smtp import Mail
from dispatch.domain.messages import LATER, NEVER, SENT
from tests.receivers import Mailbox, start_mail


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def server(mailbox):
    controller = start_mail(mailbox)
    yield controller
    controller.stop()


@pytest.fixture
def letter(message):
    return replace(message, recipient="chen@water.example")


def mail(server, **named: object):
    return Mail("127.0.0.1", server.port, "desk@water.example", 5.0, "none", **named)


def test_a_letter_arrives_with_an_id_that_every_copy_shares(server, mailbox, letter):
    for _ in range(2):
        assert mail(server)(replace(letter, subject="a\nBcc: evil@example")).verdict == SENT
    found = [message_from_bytes(each.content, policy=policy.default) for each in mailbox.letters]
    assert {each["Message-ID"] for each in found} == {"<msg_1@onevisit.invalid>"}
    assert found[0]["Bcc"] is None
    assert found[0]["Subject"] == "a Bcc: evil@example"
    assert found[0].get_content().strip() == letter.text
    assert mailbox.letters[0].rcpt_tos == ["chen@water.example"]


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        ("451 try later", LATER), ("550 no", NEVER), ("rcpt 550 unknown", NEVER),
        ("rcpt 450 greylisted", LATER),
    ],
)  # fmt: skip
def test_a_refusal_is_final_from_500_on(server, mailbox, letter, reply, verdict):
    mailbox.reply = reply
    outcome = mail(server)(letter)
    assert (outcome.verdict, outcome.code) == (verdict, int(reply.removeprefix("rcpt ")[:3]))


@pytest.mark.parametrize("recipient", ["nobody", "a\n@b", ""])
def test_what_is_no_address_is_never_sent(server, mailbox, letter, recipient):
    assert mail(server)(replace(letter, recipient=recipient)).verdict == NEVER
    assert mailbox.letters == []


def test_a_server_without_tls_or_sign_in_is_tried_again(server, letter):
    secure = replace(mail(server), security="starttls")
    assert secure(letter).verdict == LATER
    assert replace(secure, security="none", user="u", password="p")(letter).verdict == LATER
    assert replace(secure, security="tls")(letter).verdict == LATER


def test_a_wrong_password_is_the_operators_to_mend(letter, monkeypatch):
    import smtplib  # noqa: PLC0415  only its refusal is needed

    def refuse(*_args: object, **_named: object):
        raise smtplib.SMTPAuthenticationError(535, b"no")

    monkeypatch.setattr(smtplib, "SMTP", refuse)
    outcome = Mail("127.0.0.1", 1, "a@b", 1.0, "none")(letter)
    assert (outcome.verdict, outcome.code) == (LATER, 535)


def test_a_server_that_says_nothing_is_given_up(letter):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(1)
        outcome = Mail("127.0.0.1", silent.getsockname()[1], "a@b", 0.2, "none")(letter)
    assert (outcome.verdict, str(outcome.why)) == (LATER, "It took too long.")


def test_the_password_is_not_shown():
    assert "hush" not in repr(Mail("h", 1, "a@b", 1.0, "none", "u", "hush"))
