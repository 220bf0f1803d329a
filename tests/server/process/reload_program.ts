/** Reads the certificate again, many times, while connections come in; exits with 1 if one is lost. */
import { assertEquals } from "@std/assert";
import { shownNames, until } from "../../support/certificate.ts";
import { startServer } from "../../support/server.ts";

await using server = await startServer();
let going = true;
let connected = 0;
const callers = Array.from({ length: 4 }, async () => {
  for (; going; connected++) await shownNames(server);
});
const failed = Promise.all(callers).then(() => undefined, (error) => error as Error);
for (let count = 1; count <= 5; count++) {
  const before = connected;
  server.kill("SIGHUP");
  const read = () => server.stderr.split("The certificate was read again").length > count;
  await until(() => read() && connected >= before + 8, "the reload, and connections after it");
}
going = false;
assertEquals(await failed, undefined);
