/** Command lines of FTP: every verb with odd arguments, changed bytes, lines that end oddly. */
import { mutateBytes, randomName, randomNumber } from "./random.ts";
import type { Random } from "../../soak/common/random.ts";
import { Wire } from "./wire.ts";
import { type Case, Fault, PASSWORD, USER, type World } from "./world.ts";

/** Without those that log in or out, and those that wait for a data connection. */
const VERBS = (
  "ABOR ALLO APPE AUTH CCC CDUP CWD DELE EPRT FEAT HASH HELP HOST LANG LIST MDTM MFF MFMT MKD MLSD " +
  "MLST MODE NLST NOOP OPTS PBSZ PORT PROT PWD RANG REST RETR RMD RNFR RNTO SITE SIZE STAT STOR " +
  "STOU STRU SYST TYPE REG SHAR SHWM TRANS UNSH XCUP XCWD XMKD XPWD XRMD XSHA256 XYZ"
).split(" ");
const SITE = "CHMOD UTIME VERSIONS SHARE UNSHARE SHARED WHY QUOTA HELP XYZ".split(" ");
const SETTLE_MS = 3000;

const encoder = new TextEncoder();

/** One connection with a few dozen lines. */
export async function fuzzFtp(world: World, task: Case, random: Random): Promise<void> {
  using wire = await Wire.connect(world.server.info.ftps!.port, world.server.caText);
  if (random.chance(0.9)) await wire.send(encoder.encode(`USER ${USER}\r\nPASS ${PASSWORD}\r\n`));
  for (let count = random.below(40) + 1; count > 0 && !wire.ended; count--) {
    const line = encoder.encode(randomLine(random));
    const bytes = random.chance(0.15) ? mutateBytes(random, line) : line;
    task.note(bytes);
    await wire.send(bytes);
  }
  const marker = `/no-such-${task.number}`;
  await wire.send(encoder.encode(`\r\nNOOP\r\nCWD ${marker}\r\n`));
  const text = () => new TextDecoder("latin1").decode(wire.received);
  // Without a login the marker does not come back: then the replies in time are checked.
  await wire.until(
    () => text().includes(marker) || /^530 .*\r\n(.*\r\n)*530 /m.test(text()),
    SETTLE_MS,
  );
  checkReplies(world, text());
}

function randomLine(random: Random): string {
  const verb = random.pick(VERBS);
  const end = random.chance(0.95) ? "\r\n" : random.pick(["\n", "\r", "\r\r\n", "\0\r\n"]);
  if (verb === "SITE") return `SITE ${random.pick(SITE)} ${argument(random)}${end}`;
  return random.chance(0.85) ? `${verb} ${argument(random)}${end}` : `${verb}${end}`;
}

function argument(random: Random): string {
  switch (random.below(6)) {
    case 0:
      return String(randomNumber(random));
    case 1:
      return random.pick([
        "127,0,0,1,0,9",
        "|1|127.0.0.1|9|",
        "20200101000000 a",
        "A N",
        "-laR *",
        "MLST type;",
        "UTF8 ON",
        "0 9999999999999999",
        "modify=20200101000000; a",
        "202001010000 a",
      ]);
    default:
      return randomName(random);
  }
}

/** Asserts that the output consists of reply lines with known codes. */
function checkReplies(world: World, text: string): void {
  world.clean(text);
  let code: string | undefined;
  const lines = text.split("\r\n");
  lines.pop(); // behind the last line's end, or cut
  for (const line of lines) {
    // deno-lint-ignore no-control-regex
    if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(line)) {
      throw new Fault(`A reply has control characters: ${JSON.stringify(line)}`);
    }
    if (code !== undefined) {
      if (line.startsWith(`${code} `)) code = undefined;
      continue;
    }
    const found = /^([1-6][0-9]{2})([ -])/.exec(line);
    if (found === null) throw new Fault(`A line is no reply: ${JSON.stringify(line)}`);
    if (found[2] === "-") code = found[1];
    if (found[1] === "451" && /reference|log/i.test(line)) {
      throw new Fault(`Failed inside: ${line}`);
    }
  }
}
