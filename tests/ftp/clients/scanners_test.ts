/** Results of scanners at the FTP door: nmap's ftp-bounce, and testssl on both ports. */
import { assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { type Mode, MODES, Place, until } from "./place.ts";
import { testWith } from "./programs.ts";

testWith(["nmap"], "nmap's ftp-bounce logs in and finds nothing", async () => {
  await using place = await Place.start(["--ftp-allow-plain"]);
  const port = String(place.port("explicit"));
  const login = `ftp-bounce.username=${place.user},ftp-bounce.password=${place.password}`;
  const scan = (target: string) =>
    // The + has the script run although the port is not 21.
    place.ok([
      ...["nmap", "-Pn", "-n", "--unprivileged", "-d", "--script", "+ftp-bounce"],
      ...["--script-args", `${login},ftp-bounce.checkhost=${target}`, "-p", port, "127.0.0.1"],
    ]);
  const printed = await scan("192.0.2.1");
  assertNotMatch(printed, /bounc(e|ing) (working|to low ports)/i, printed);
  assertNotMatch(printed, /Authentication rejected/);
  await until("the login was in the audit log", () => {
    const log = Deno.readTextFileSync(`${place.server.data}/logs/audit.log`);
    return /"action":"login","result":"ok"/.test(log);
  });
  // The same script does speak up where a PORT is taken: to the client's own address.
  assertMatch(await scan("127.0.0.1"), /forbids bouncing to low ports/);
});

/** A finding of testssl's. */
interface Finding {
  id: string;
  severity: string;
  finding: string;
}

/**
 * Protocols; and, on one of the two ports, which share their TLS and certificate, all that a server
 * can be weak in.
 */
const CHECKS: Record<Mode, string[]> = {
  explicit: ["-p", "-R"],
  implicit: "-p -S -R -s -H -I -BB -C -O -Z -W -F -J -D -4 -L -A".split(" "),
};
/** It takes a minute on two idle cores whose forks are slow. */
const TESTSSL_MS = 300_000;
const BAD = ["MEDIUM", "HIGH", "CRITICAL", "FATAL"];
/** A private authority publishes no list of revoked certificates. */
const EXCEPTED = ["cert_revocation"];

async function testssl(place: Place, mode: Mode): Promise<Finding[]> {
  const file = place.path(`testssl-${mode}.json`);
  const command = [
    ...["testssl", "--quiet", "--color", "0", "--warnings", "off", "-n", "none"],
    ...["--add-ca", place.server.ca, ...CHECKS[mode], "--jsonfile", file],
    ...mode === "explicit" ? ["--starttls", "ftp"] : [],
    `127.0.0.1:${place.port(mode)}`,
  ];
  // It waits a fixed while after everything it sends; here, the server is near.
  const env = { USLEEP_SND: "0.01", USLEEP_REC: "0.02" };
  const { out, err } = await place.run(command, { env, limitMs: TESTSSL_MS });
  assertMatch(out, /Done /, out + err);
  return JSON.parse(Deno.readTextFileSync(file));
}

testWith(["testssl"], "testssl finds TLS 1.2 and 1.3 alone, and no weakness", async () => {
  await using place = await Place.start();
  await Promise.all(MODES.map(async (mode) => {
    const findings = await testssl(place, mode);
    const of = (id: string) => findings.find((finding) => finding.id === id)?.finding;
    for (const protocol of ["SSLv2", "SSLv3", "TLS1", "TLS1_1"]) {
      assertMatch(String(of(protocol)), /not offered/, `${mode} ${protocol}`);
    }
    for (const protocol of ["TLS1_2", "TLS1_3"]) {
      assertMatch(String(of(protocol)), /^offered/, `${mode} ${protocol}`);
    }
    if (CHECKS[mode].includes("-S")) assertMatch(String(of("cert_chain_of_trust")), /^passed/);
    const bad = findings.filter(({ id, severity }) =>
      BAD.includes(severity) && !EXCEPTED.includes(id)
    );
    assertEquals(bad, [], mode);
  }));
});
