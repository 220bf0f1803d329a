"""Logs in with Python's ftplib: what the scripts beside this one share.

Their arguments are MODE HOST PORT CA USER …; the password is in TOWPATH_PASSWORD.
"""

import ftplib
import os
import ssl
import sys

MODE, HOST, PORT, CA, USER = sys.argv[1:6]
ARGUMENTS = sys.argv[6:]
PASSWORD = os.environ["TOWPATH_PASSWORD"]
TIMEOUT_S = 30


class ImplicitTLS(ftplib.FTP_TLS):
    """ftplib's session with TLS from the first byte on."""

    _sock = None

    @property
    def sock(self):
        return self._sock

    @sock.setter
    def sock(self, value):
        if value is not None and not isinstance(value, ssl.SSLSocket):
            value = self.context.wrap_socket(value, server_hostname=self.host)
        self._sock = value


def connect(kind=None):
    """A connection that is not logged in yet; the server's certificate is verified."""
    context = ssl.create_default_context(cafile=CA)
    if kind is None:
        kind = ImplicitTLS if MODE == "implicit" else ftplib.FTP_TLS
    ftp = kind(context=context, timeout=TIMEOUT_S, encoding="utf-8")
    ftp.connect(HOST, int(PORT))
    return ftp


def login():
    """A session with protected data connections."""
    ftp = connect()
    if MODE == "implicit":
        ftplib.FTP.login(ftp, USER, PASSWORD)
    else:
        ftp.login(USER, PASSWORD)
    ftp.prot_p()
    return ftp
