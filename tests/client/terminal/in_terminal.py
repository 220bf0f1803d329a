# Runs a command in a pseudo-terminal and plays a script: JSON lines on stdin, each
# {"wait": "text", "send": "keys"}; what the terminal showed goes to stdout. TERMINAL_COLUMNS is its width.
import fcntl, json, os, pty, select, struct, sys, termios, time

steps = [json.loads(line) for line in sys.stdin if line.strip()]
columns = int(os.environ.get("TERMINAL_COLUMNS", "80"))
size = struct.pack("HHHH", 40, columns, 0, 0)
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, size)
    os.execvp(sys.argv[1], sys.argv[1:])
shown = b""
seen = 0


def read(timeout):
    global shown
    ready, _, _ = select.select([fd], [], [], timeout)
    if not ready:
        return True
    try:
        data = os.read(fd, 65536)
    except OSError:
        return False
    shown += data
    return bool(data)


for step in steps:
    wanted = step["wait"].encode()
    deadline = time.monotonic() + 30
    while wanted not in shown[seen:]:
        if time.monotonic() > deadline or not read(0.2):
            sys.stdout.buffer.write(shown)
            sys.exit("Timed out waiting for %r" % step["wait"])
    seen = shown.index(wanted, seen) + len(wanted)
    os.write(fd, step["send"].encode())
deadline = time.monotonic() + 30
while time.monotonic() < deadline and read(0.2):
    pass
sys.stdout.buffer.write(shown)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
