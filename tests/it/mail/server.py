"""A strict SMTP server of others (aiosmtpd) on loopback, told by the recipient what to answer.

Prints one line of JSON when it listens, and one for each mail that it takes. Ends when its input does.
"""

import asyncio
import base64
import datetime
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = b"wellmet", "pässword@1".encode()


def certificate(folder):
    """A certificate for localhost that vouches for itself; the path of it and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder + "/server.crt", folder + "/server.key"
    with open(paths[0], "wb") as file:
        file.write(made.public_bytes(serialization.Encoding.PEM))
    with open(paths[1], "wb") as file:
        plain = serialization.NoEncryption()
        file.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return paths


def authenticate(server, session, envelope, mechanism, data):
    right = (data.login, data.password) == (USER, PASSWORD)
    return AuthResult(success=right, handled=False)


class Handler:
    def __init__(self):
        self.tries = {}

    async def handle_RCPT(self, server, session, envelope, address, options):
        answers = {"nobody": "550 5.1.1 no such mailbox", "busy": "451 4.7.1 come back later"}
        answer = answers.get(address.split("@")[0])
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        kind = envelope.rcpt_tos[0].split("@")[0]
        first = self.tries.setdefault(kind, 0) == 0
        self.tries[kind] += 1
        if kind == "spam":
            return "554 5.7.1 we do not want this"
        if kind == "full" and first:
            return "452 4.2.2 mailbox is full"
        if kind == "slow":
            await asyncio.sleep(3600)
        problem = self.problem(session, envelope)
        if problem:
            return "550 " + problem
        content = base64.b64encode(envelope.content).decode()
        print(json.dumps({"from": envelope.mail_from, "to": envelope.rcpt_tos, "content": content}), flush=True)
        # The mail is taken, but whoever sent it does not learn so.
        if kind == "cut" and first:
            server.transport.abort()
            await asyncio.sleep(1)
        return "250 2.0.0 taken"

    @staticmethod
    def problem(session, envelope):
        """What the mail or the way it came is refused for."""
        if session.ssl is None or not session.authenticated:
            return "not encrypted or not signed in"
        content = envelope.content
        if b"\n" in content.replace(b"\r\n", b"") or b"\r" in content.replace(b"\r\n", b""):
            return "bare line ends"
        if any(len(line) > 998 for line in content.split(b"\r\n")):
            return "a line that is too long"
        if any(byte > 126 for byte in content):
            return "eight bits, which nobody announced"
        parsed = email.message_from_bytes(content, policy=email.policy.default)
        for header in "From", "To", "Date", "Message-ID", "Subject", "MIME-Version":
            if len(parsed.get_all(header, [])) != 1:
                return "not one " + header
        return None


async def main():
    folder = sys.argv[1]
    cert, key = certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    handler, loop = Handler(), asyncio.get_running_loop()

    def session():
        return SMTP(handler, tls_context=context, require_starttls=True, auth_required=True, authenticator=authenticate, loop=loop)

    server = await loop.create_server(session, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(json.dumps({"port": port, "certificate": cert}), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
