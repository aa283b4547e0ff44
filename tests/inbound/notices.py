"""Notices of mail systems about letters that they could not deliver, in the shapes in which such systems write them."""

from intake.models import Letter


def _crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def postfix(letter: Letter, *, action: str = "failed", status: str = "5.1.1", recipient: str = "") -> bytes:
    """A multipart/report with the letter's headers."""
    address = recipient or letter.recipient
    return _crlf(f"""\
Return-Path: <>
From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
To: intake@example.org
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Message-Id: <20261124.{letter.id}.{action}.{status}@mx.example.org>
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="B1.1/mx.example.org"

This is a MIME-encapsulated message.

--B1.1/mx.example.org
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

<{address}>: host mx.example.org[192.0.2.1] said: 550 5.1.1 no such person

--B1.1/mx.example.org
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
X-Postfix-Queue-ID: 4F1A2
Arrival-Date: Tue, 24 Nov 2026 10:00:00 +0000 (UTC)

Final-Recipient: rfc822; {address}
Original-Recipient: rfc822;{address}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.example.org
Diagnostic-Code: smtp; 550 5.1.1 no such person

--B1.1/mx.example.org
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

From: Secretariat <intake@example.org>
To: {letter.recipient}
Subject: {letter.subject}
Message-ID: {letter.message_id}

--B1.1/mx.example.org--
""")


def exchange(letter: Letter) -> bytes:
    """A multipart/report with a page of HTML and the whole letter, and other names of the same fields."""
    return _crlf(f"""\
From: <postmaster@corp.example.org>
To: <intake@example.org>
Subject: Undeliverable: {letter.subject}
Message-ID: <exchange-{letter.id}@corp.example.org>
X-MS-Exchange-Message-Is-Ndr:
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="_E_"

--_E_
Content-Type: multipart/alternative; boundary="_A_"

--_A_
Content-Type: text/html; charset="utf-8"

<html><body><h1>Your message could not be delivered</h1></body></html>
--_A_--

--_E_
Content-Type: message/delivery-status

Reporting-MTA: dns;EX01.corp.example.org

Final-recipient: RFC822;{letter.recipient.upper()}
Action: failed
Status: 5.7.1
Diagnostic-code: smtp;550 5.7.1 the mailbox takes mail of colleagues only

--_E_
Content-Type: message/rfc822

From: Secretariat <intake@example.org>
To: {letter.recipient}
Message-ID: {letter.message_id}
Subject: {letter.subject}
Content-Type: text/plain

The text.
--_E_--
""")


def exim(letter: Letter, *, said: str = "550 Unrouteable address") -> bytes:
    """Plain words, with the letter below them."""
    return _crlf(f"""\
Return-path: <>
From: Mail Delivery System <Mailer-Daemon@relay.example.org>
To: intake@example.org
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1.{letter.id}@relay.example.org>

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {letter.recipient}
    {said}

------ This is a copy of the message, including all the headers. ------

To: {letter.recipient}
Message-ID: {letter.message_id}
Subject: {letter.subject}

The text.
""")


def exim_warning(letter: Letter) -> bytes:
    """Plain words about a delay."""
    return _crlf(f"""\
Return-path: <>
From: Mail Delivery System <Mailer-Daemon@relay.example.org>
To: intake@example.org
Subject: Warning: message delayed 24 hours
Message-Id: <W1.{letter.id}@relay.example.org>

A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue.

The message identifier is: {letter.message_id}
The address to which the message has not yet been delivered is:

  {letter.recipient}
    Delay reason: connection timed out

Delivery attempts will continue to be made for some time.
""")
