"""Fifty sessions: all are logged in before the first transfers, then all transfer at once.

Arguments: see ftp_session.py. Prints how many came through.
"""

import hashlib
import io
import os
import threading

from ftp_session import MODE, login

COUNT = 50
SIZE = 256 * 1024
all_logged_in = threading.Barrier(COUNT, timeout=120)
done = []
failures = []


def session(number):
    try:
        content = os.urandom(SIZE)
        ftp = login()
        all_logged_in.wait()
        name = f"{MODE}-{number}.bin"
        reply = ftp.storbinary(f"STOR {name}", io.BytesIO(content), blocksize=65536)
        assert hashlib.sha256(content).hexdigest() in reply.lower(), reply
        received = io.BytesIO()
        ftp.retrbinary(f"RETR {name}", received.write, blocksize=65536)
        assert received.getvalue() == content, f"{name} has other content"
        ftp.quit()
        done.append(number)
    except Exception as error:
        failures.append(f"{number}: {type(error).__name__}: {error}")


threads = [threading.Thread(target=session, args=(number,)) for number in range(COUNT)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert not failures, failures
print(len(done), "sessions")
