"""Uploads whose data connection ends without close_notify, as a crash or a cable ends it.

Arguments: see ftp_session.py, then `fin` or `rst`: how TCP ends. Prints the offset that was kept.
"""

import ftplib
import hashlib
import io
import os
import socket
import struct

from ftp_session import ARGUMENTS, MODE, login

how = ARGUMENTS[0]
name = f"cut-{MODE}-{how}.bin"
content = os.urandom(3 * 1024 * 1024)
sent = 2 * 1024 * 1024 + 5
ftp = login()
ftp.voidcmd("TYPE I")

connection = ftp.transfercmd(f"STOR {name}")
connection.sendall(content[:sent])
if how == "rst":
    # With a linger time of 0 the kernel throws away what it has not sent, and resets.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
connection.close()  # ssl: without unwrap(), no close_notify is sent
try:
    reply = ftp.voidresp()
except ftplib.error_temp as error:
    assert str(error).startswith("426"), error
else:
    raise AssertionError(f"a cut upload was answered {reply}")

assert name not in ftp.nlst(), "a cut upload is visible"
assert name not in [entry for entry, _ in ftp.mlsd()]
ftp.voidcmd("TYPE I")
offset = ftp.size(name)
if how == "fin":
    # The last byte is held back: a client that had sent all would take the upload for done.
    assert offset == sent - 1, (offset, sent)
assert offset <= sent, offset
reply = ftp.storbinary(f"STOR {name}", io.BytesIO(content[offset:]), rest=offset)
assert hashlib.sha256(content).hexdigest() in reply.lower(), reply
received = io.BytesIO()
ftp.retrbinary(f"RETR {name}", received.write)
assert received.getvalue() == content, "the resumed upload has other content"
ftp.quit()
print("offset", offset)
