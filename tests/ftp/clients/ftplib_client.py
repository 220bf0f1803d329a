"""What a program written with ftplib does with a server, asserted step by step.

Arguments: see ftp_session.py, then the directory to work in.
"""

import hashlib
import io
import os

import ftplib
from ftp_session import ARGUMENTS, login

directory = ARGUMENTS[0]
content = os.urandom(2 * 1024 * 1024 + 7)
half = len(content) // 2
ftp = login()


def stored(name):
    """The content of a file at the server."""
    received = io.BytesIO()
    ftp.retrbinary(f"RETR {name}", received.write)
    return received.getvalue()


def refused(code, action):
    """Asserts that an action is answered with a code."""
    try:
        action()
    except ftplib.Error as error:
        assert str(error)[:3] == code, (code, error)
    else:
        raise AssertionError(f"accepted, where {code} was expected")


# Directories, and a name with quotes and spaces as PWD and MKD write it.
inner = 'in "side" é'
assert ftp.mkd(directory) == f"/{directory}"
ftp.cwd(directory)
assert ftp.mkd(inner) == f"/{directory}/{inner}"
refused("550", lambda: ftp.mkd(inner))
ftp.cwd(inner)
assert ftp.pwd() == f"/{directory}/{inner}"
ftp.cwd("..")

# Upload, the hash in the reply, and every way to look at it.
reply = ftp.storbinary("STOR a.bin", io.BytesIO(content))
assert reply.startswith("226") and hashlib.sha256(content).hexdigest() in reply.lower(), reply
assert stored("a.bin") == content
ftp.voidcmd("TYPE I")
assert ftp.size("a.bin") == len(content)
assert sorted(ftp.nlst()) == ["a.bin", inner]
facts = dict(ftp.mlsd())
assert int(facts["a.bin"]["size"]) == len(content) and facts["a.bin"]["type"] == "file", facts
assert facts[inner]["type"] == "dir"
lines = []
ftp.retrlines("LIST", lines.append)
assert any(line.endswith(" a.bin") and line.startswith("-rw") for line in lines), lines
assert ftp.sendcmd("MFMT 20010203040506 a.bin").startswith("213")
assert ftp.sendcmd("MDTM a.bin") == "213 20010203040506"

# Lines of text, both ways: storlines sends CRLF, the file has LF.
ftp.storlines("STOR text", io.BytesIO(b"one\ntwo\n"))
ftp.voidcmd("TYPE I")
assert stored("text") == b"one\ntwo\n"
lines = []
ftp.retrlines("RETR text", lines.append)
assert lines == ["one", "two"]

# Resumed both ways.
rest = io.BytesIO()
ftp.retrbinary("RETR a.bin", rest.write, rest=half)
assert rest.getvalue() == content[half:]
ftp.storbinary("STOR b.bin", io.BytesIO(content[:half]))
reply = ftp.storbinary("STOR b.bin", io.BytesIO(content[half:]), rest=half)
assert hashlib.sha256(content).hexdigest() in reply.lower(), reply
assert stored("b.bin") == content
ftp.voidcmd("TYPE I")

# A transfer that is broken off leaves the session of use.
connection = ftp.transfercmd("RETR a.bin")
connection.recv(1000)
connection.close()
reply = ftp.getmultiline()
assert reply[:3] in ("426", "226"), reply
ftp.voidcmd("NOOP")

# Rename and delete.
ftp.rename("b.bin", "c d.bin")
refused("550", lambda: ftp.size("b.bin"))
ftp.delete("c d.bin")
refused("550", lambda: ftp.delete("c d.bin"))
refused("550", lambda: ftp.rmd("none"))
ftp.delete("a.bin")
ftp.delete("text")
ftp.rmd(inner)
ftp.cwd("/")
ftp.rmd(directory)
assert directory not in ftp.nlst()
assert ftp.quit().startswith("221")
