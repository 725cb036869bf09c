"""Local servers that receive alerts: a webhook, and mail servers with log-in and TLS."""

from __future__ import annotations

import base64
import json
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any


class Hook(BaseHTTPRequestHandler):
    """Keeps what is posted to the accepted path."""

    bodies: list[dict[str, Any]]
    status: int
    accepted: str

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = type(self).status if self.path == type(self).accepted else 404
        if status < 300:
            self.bodies.append(body)
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay silent."""


class Mail(socketserver.StreamRequestHandler):
    """A mail server: with a password, it accepts mail only after a log-in; with TLS, it offers STARTTLS."""

    texts: list[str]
    logins: list[str]
    password: str | None
    tls: ssl.SSLContext | None

    def handle(self) -> None:
        self._say(b"220 here")
        is_known = type(self).password is None
        while line := self.rfile.readline():
            verb, _, argument = line.decode().strip().partition(" ")
            verb = verb.upper()
            if verb == "EHLO":
                self._say(b"250-here\r\n250 " + self._offer())
            elif verb == "STARTTLS":
                self._say(b"220 go on")
                if not self._encrypt():
                    return
            elif verb == "AUTH":
                is_known = self._log_in(argument)
            elif not is_known and verb in {"MAIL", "RCPT", "DATA"}:
                self._say(b"530 log in first")
            elif verb == "DATA":
                self._say(b"354 go on")
                self.texts.append("".join(each.decode() for each in iter(self.rfile.readline, b".\r\n")))
                self._say(b"250 fine")
            else:
                self._say(b"221 bye" if verb == "QUIT" else b"250 fine")

    def finish(self) -> None:
        super().finish()
        self.request.close()  # the server knows only the socket before STARTTLS

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")

    def _offer(self) -> bytes:
        if isinstance(self.request, ssl.SSLSocket):
            return b"AUTH PLAIN"
        return b"STARTTLS" if type(self).tls else b"AUTH PLAIN"

    def _encrypt(self) -> bool:
        """Return whether the client accepts the certificate."""
        tls = type(self).tls
        assert tls is not None
        try:
            self.request = tls.wrap_socket(self.request, server_side=True)
        except OSError:
            return False
        self.setup()
        return True

    def _log_in(self, argument: str) -> bool:
        """Check the last part of user, user and password, which a client sends for ``AUTH PLAIN``."""
        _, _, given = base64.b64decode(argument.partition(" ")[2]).decode().split("\0")
        self.logins.append(given)
        is_right = given == type(self).password
        self._say(b"235 welcome" if is_right else b"535 wrong password")
        return is_right


class EncryptedServer(socketserver.ThreadingTCPServer):
    """A server that speaks TLS from the first byte."""

    tls: ssl.SSLContext

    def get_request(self) -> tuple[Any, Any]:
        connection, address = super().get_request()
        return self.tls.wrap_socket(connection, server_side=True), address


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[str]:
    """A context manager: the address of a running server."""
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"  # type: ignore[index]
        server.shutdown()
        thread.join()


def certified(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Return a certificate for 127.0.0.1 that no machine trusts yet, and the context of a server that has it."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    names = ["-subj", "/CN=mail.example.com", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names, *files]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return certificate, context
