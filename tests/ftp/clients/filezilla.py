"""FileZilla's sequence of commands, as its logs show it, sent one by one over ftplib's sockets.

Arguments: see ftp_session.py, then the directory to work in.
"""

import ftplib
import hashlib
import os
import socket

from ftp_session import ARGUMENTS, MODE, PASSWORD, USER, connect

directory = ARGUMENTS[0]
content = os.urandom(1024 * 1024 + 5)
half = len(content) // 2
ftp = connect()


def send(command, *codes):
    """Sends a command; its reply must have one of the codes."""
    reply = ftp.sendcmd(command)
    assert reply[:3] in codes, (command, reply)
    return reply


def transfer(command, upload=None, until=None):
    """A data connection in passive mode, with the control connection's TLS session offered."""
    _host, port = ftplib.parse227(send("PASV", "227"))
    data = socket.create_connection((ftp.host, port), 30)
    ftp.putcmd(command)
    reply = ftp.getresp()
    assert reply[:3] == "150", (command, reply)
    data = ftp.context.wrap_socket(data, server_hostname=ftp.host, session=ftp.sock.session)
    received = b""
    if upload is not None:
        data.sendall(upload)
    else:
        while block := data.recv(65536):
            received += block
    data.unwrap()
    data.close()
    reply = ftp.getresp()
    assert reply[:3] == "226", (command, reply)
    return received, reply


# Log in: SYST and FEAT come after USER and PASS, UTF8 and protection after that.
if MODE == "explicit":
    assert ftp.auth()[:3] == "234"
assert ftp.sendcmd(f"USER {USER}")[:3] == "331"
send(f"PASS {PASSWORD}", "230")
send("SYST", "215")
features = [line[1:] for line in send("FEAT", "211").split("\n") if line.startswith(" ")]
assert "UTF8" in features and "REST STREAM" in features and "MFMT" in features, features
[mlst] = [line for line in features if line.startswith("MLST ")]
facts = [fact.rstrip("*") for fact in mlst[5:].split(";") if fact]
assert {"type", "size", "modify"} <= {fact.lower() for fact in facts}, mlst
if any(line.startswith("CLNT") for line in features):
    send("CLNT FileZilla", "200")
send("OPTS UTF8 ON", "200", "202")
send("PBSZ 0", "200")
send("PROT P", "200")
send("OPTS MLST " + "".join(f"{fact};" for fact in facts), "200")

# The listing of the root, and a new directory.
assert '"/"' in send("PWD", "257")
send("TYPE I", "200")
transfer("MLSD")
send(f"MKD {directory}", "257")
send(f"CWD {directory}", "250")
assert f'"/{directory}"' in send("PWD", "257")

# An upload, its time, and the listing as FileZilla reads it.
transfer("STOR file name.bin", content)
send("MFMT 20200102030405 file name.bin", "213")
listing, _ = transfer("MLSD")
[line] = [line for line in listing.decode().split("\r\n") if line.endswith(" file name.bin")]
shown = dict(fact.split("=") for fact in line.split("; ")[0].lower().split(";") if fact)
assert shown["type"] == "file" and shown["size"] == str(len(content)), line
assert shown["modify"].startswith("20200102030405"), line
assert transfer("LIST -a")[0].decode().rstrip().endswith("file name.bin")

# Downloads, whole and resumed; REST 0 after a resume.
assert transfer("RETR file name.bin")[0] == content
send(f"REST {half}", "350")
assert transfer("RETR file name.bin")[0] == content[half:]
send("REST 0", "350")
assert transfer("RETR file name.bin")[0] == content

# An upload resumed: SIZE and MDTM, then REST and STOR.
transfer("STOR part.bin", content[:half])
assert send("SIZE part.bin", "213") == f"213 {half}"
send("MDTM part.bin", "213")
send(f"REST {half}", "350")
_, reply = transfer("STOR part.bin", content[half:])
assert hashlib.sha256(content).hexdigest() in reply.lower(), reply
send("REST 0", "350")
assert transfer("RETR part.bin")[0] == content

# Rename, permissions, delete.
send("RNFR part.bin", "350")
send("RNTO renamed.bin", "250")
send("SITE CHMOD 644 renamed.bin", "200")
send("DELE renamed.bin", "250")
send("DELE file name.bin", "250")
send("CDUP", "200")
send(f"RMD {directory}", "250")
try:
    ftp.sendcmd(f"CWD {directory}")
except ftplib.error_perm as error:
    assert str(error)[:3] == "550", error
else:
    raise AssertionError("CWD into a directory that was removed")
send("QUIT", "221")
