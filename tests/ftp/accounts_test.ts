/** Accounts and shares by the names that clients of earlier servers type: REG, TRANS, SHAR, UNSH, SHWM. */
import { assertEquals, assertMatch } from "@std/assert";
import { addAccount } from "../support/in_process.ts";
import { ftpHolds } from "../support/ftp.ts";

ftpHolds("REG makes an account before a login, over TLS only", async (bench) => {
  using stranger = await bench.connect();
  assertMatch((await stranger.ask("REG carol a long password", 530)).text, /AUTH TLS/);
  await stranger.ask("AUTH TLS", 234);
  await stranger.startTls();
  await stranger.ask("REG carol", 501);
  await stranger.ask("REG", 501);
  await stranger.ask("REG ca/rol a long password", 553);
  assertMatch((await stranger.ask("REG carol short", 501)).text, /password/);
  assertMatch((await stranger.ask("REG carol a long password", 200)).text, /rwcd/);
  assertMatch((await stranger.ask("REG carol another password", 550)).text, /carol/);
  await stranger.ask("USER carol", 331);
  await stranger.ask("PASS a long password", 230);
  await stranger.ask("MKD own", 257);
}, { allowRegister: true });

ftpHolds("REG is refused where the server does not allow registration", async (_, alice) => {
  assertMatch((await alice.ask("REG carol a long password", 550)).text, /not allow registration/);
});

ftpHolds("TRANS replaces an account's permissions, for its open sessions", async (bench, alice) => {
  const { server } = bench;
  await addAccount(server.vault, "bob");
  await alice.ask("TRANS bob r", 550); // alice is no administrator
  await server.catalog.setLetters("alice", "rwcdt");
  using bob = await bench.login("bob");
  assertMatch((await alice.ask("TRANS bob r", 200)).text, /"bob" has the permissions r now/);
  assertMatch((await bob.ask("MKD new", 550)).text, /permission "c"/);
  await alice.ask("TRANS bob none", 200);
  await bob.ask("SIZE f", 550);
  await alice.ask("TRANS bob rx", 501);
  await alice.ask("TRANS bob", 501);
  await alice.ask("TRANS bob r w", 501);
  await alice.ask("TRANS dave r", 550);
  assertMatch((await alice.ask("TRANS alice rw", 550)).text, /last/); // administrator
});

ftpHolds("SHAR shares with all accounts or one, UNSH ends it, SHWM lists", async (bench, alice) => {
  await addAccount(bench.server.vault, "bob");
  await alice.store("STOR my report.txt", "content");
  using bob = await bench.login("bob");
  assertEquals((await bob.ask("SHWM", 211)).text, "211-Shared with me\r\n211 End");

  assertMatch(
    (await alice.ask("SHAR my report.txt", 200)).text,
    /every account as \/shared\/alice/,
  );
  const listed = (await bob.ask("SHWM", 211)).text.split("\r\n");
  assertEquals(listed[1], " /shared/alice/my report.txt r (from alice)");
  const { content } = await bob.retrieve("RETR /shared/alice/my report.txt");
  assertEquals(String(content), "content");
  await alice.ask("UNSH my report.txt", 200);
  await bob.ask("SIZE /shared/alice/my report.txt", 550);

  await alice.ask("SHAR my report.txt bob", 200);
  await alice.ask("SHAR my report.txt bob rw", 200); // again: replaces the permissions
  assertMatch((await bob.ask("SHWM", 211)).text, /my report\.txt rw \(from alice\)/);
  await alice.ask('SHAR "my report.txt" bob r', 200);
  assertMatch((await bob.ask("SHWM", 211)).text, /my report\.txt r \(from alice\)/);
  await alice.ask("UNSH my report.txt bob", 200);
  assertEquals((await bob.ask("SHWM", 211)).text, "211-Shared with me\r\n211 End");

  await alice.ask("SHAR nothing", 550);
  await alice.ask("SHAR my report.txt dave", 550);
  await alice.ask('SHAR ""', 550);
  await alice.ask("SHAR  ", 501);
  await alice.ask("UNSH  ", 501);
  await alice.ask("UNSH my report.txt", 550);
});

ftpHolds("SHAR of a name that ends like an account is a path as a whole", async (bench, alice) => {
  await addAccount(bench.server.vault, "bob");
  await alice.store("STOR letter", "short");
  await alice.store("STOR letter bob", "long");
  using bob = await bench.login("bob");
  await alice.ask("SHAR letter bob", 200);
  assertMatch((await bob.ask("SHWM", 211)).text, / \/shared\/alice\/letter bob r/);
  await alice.ask('SHAR "letter" bob', 200);
  assertMatch((await bob.ask("SHWM", 211)).text, / \/shared\/alice\/letter r/);
});
