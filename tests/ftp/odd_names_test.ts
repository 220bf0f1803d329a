/** Listings over FTP of names that other programs put into the tree. */
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { ftpHolds, ftpHoldsOnDisk } from "../support/ftp.ts";
import { PASSWORD } from "../support/in_process.ts";
import { is, namesIn, onDisk } from "../support/native.ts";
import { mkdirRaw, writeRaw } from "../support/machine/odd_names.ts";
import { RawClient } from "../support/raw_client.ts";
import { uploadsIn } from "../support/vault.ts";

ftpHoldsOnDisk(
  "a listing has one line for each entry, with any characters in its name",
  async ({ server }, alice) => {
    Deno.mkdirSync(onDisk(server, "d"));
    for (const name of ["a", "new\nline", "new\r\nline", "c1\u0085", "esc\x1b[31m"]) {
      Deno.writeTextFileSync(onDisk(server, `d/${name}`), "x");
    }
    const shown = ["a", "c1%C2%85", "esc%1B[31m", "new%0Aline", "new%0D%0Aline"];
    const names = await alice.lines("NLST d");
    assertEquals(names.toSorted(), shown);
    for (const command of ["LIST d", "MLSD d"]) {
      const lines = await alice.lines(command);
      assertEquals(lines.length, shown.length, command);
      for (const line of lines) assert(shown.some((name) => line.endsWith(` ${name}`)), line);
    }
    for (const name of shown) {
      await alice.ask(`SIZE d/${name}`, 213);
      await alice.ask(`MLST d/${name}`, 250);
      await alice.ask(`RNFR d/${name}`, 350);
      await alice.ask(`RNTO d/moved ${name}`, 250);
      await alice.ask(`DELE d/moved ${name}`, 250);
    }
    await alice.ask("RMD d", 250);
  },
);

ftpHoldsOnDisk(
  "a name is listed over FTP as it was spelled, and found by both Unicode forms",
  async ({ server }, alice) => {
    const [nfc, nfd] = ["caf\u00e9", "cafe\u0301"];
    await alice.ask(`MKD ${nfd}`, 257);
    await alice.store(`STOR ${nfd}/${nfd}.txt`, "one");
    assertEquals(await alice.lines("NLST"), [nfd]);
    assertEquals(await alice.lines(`NLST ${nfc}`), [`${nfd}.txt`]);
    assert((await alice.lines(`MLSD ${nfd}`))[0]!.endsWith(` ${nfd}.txt`));
    assertEquals(await alice.lines(`NLST ${nfc}/*${nfc}*`), [`${nfc}/${nfd}.txt`]);
    assertEquals(Deno.readTextFileSync(onDisk(server, `${nfd}/${nfd}.txt`)), "one");
    for (const name of [nfc, nfd]) await alice.ask(`SIZE ${name}/${name}.txt`, 213);
    await alice.store(`STOR ${nfd}/${nfd}.txt`, "two");
    // To a client that tells them apart, another form is another file: none is written over.
    const other = [
      `${nfd}/${nfc}.txt`,
      `${nfc}/${nfd}.txt`,
      `${nfc}/new`,
      `./${nfc}/../${nfc}/new`,
    ];
    for (const path of other) {
      for (const command of ["STOR", "APPE"]) {
        assertMatch(
          String(await assertRejects(() => alice.store(`${command} ${path}`, "other"))),
          /553 .*Unicode form/,
        );
      }
      await alice.store("STOR from", "x");
      await alice.ask("RNFR from", 350);
      await alice.ask(`RNTO ${path}`, 553);
      await alice.ask("DELE from", 250);
    }
    await alice.ask(`MKD ${nfc}/new`, 553);
    await alice.ask(`MKD ${nfc}`, 553);
    await alice.ask(`CWD ${nfc}`, 250);
    assert((await alice.ask("PWD", 257)).text.includes(`"/${nfc}"`));
    assertMatch(String(await assertRejects(() => alice.store("STOR new", "other"))), /553/);
    await alice.ask("CDUP", 200);
    await alice.ask(`CWD ${nfd}`, 250);
    assert((await alice.ask("PWD", 257)).text.includes(`"/${nfd}"`));
    await alice.store("STOR new", "in its own form");
    await alice.ask("DELE new", 250);
    await alice.ask("CWD /", 250);
    assertEquals((await alice.retrieve(`RETR ${nfc}/${nfc}.txt`)).content.toString(), "two");
    // Nor is what one of them had begun the beginning of the other's.
    const cut = await alice.begin(`STOR ${nfd}/${nfd}.bin`);
    await cut.write("begun");
    cut.cut();
    await alice.reply(426);
    for (const command of ["STOR", "APPE"]) {
      await alice.ask(`SIZE ${nfd}/${nfc}.bin`, 213);
      await alice.ask("REST 4", 350);
      assertMatch(
        String(await assertRejects(() => alice.store(`${command} ${nfd}/${nfc}.bin`, "n"))),
        /553/,
      );
    }
    await alice.ask(`DELE ${nfd}/${nfd}.bin`, 250);
    // Where it is meant to be the same name, a rename gives it the other form.
    await alice.ask(`RNFR ${nfd}/${nfd}.txt`, 350);
    await alice.ask(`RNTO ${nfd}/${nfc}.txt`, 250);
    assertEquals(await alice.lines(`NLST ${nfc}`), [`${nfc}.txt`]);
    await alice.ask(`RNFR ${nfc}/${nfc}.txt`, 350);
    await alice.ask(`RNTO x${nfd}`, 250);
    assertEquals(await alice.lines("NLST"), [nfd, `x${nfd}`]);
    await alice.ask(`DELE x${nfc}`, 250);
    await alice.ask(`RMD ${nfc}`, 250);
  },
);

ftpHoldsOnDisk(
  "a name that is not UTF-8 is listed, refused by every command, and goes with its directory",
  async ({ server }, alice) => {
    const raw = "caf\ufffd";
    Deno.mkdirSync(onDisk(server, "d"));
    writeRaw(onDisk(server, "d"), "caf\\351");
    mkdirRaw(onDisk(server, "d"), "\\377");
    for (const command of ["DELE", "RNFR", "HASH", "CWD", "RMD"]) {
      await alice.ask(`${command} d/${raw}`, 550);
    }
    await alice.ask(`SITE SHARE d/${raw} bob`, 550);
    await alice.ask("TYPE I", 200);
    await alice.ask("CWD d/\ufffd", 550);
    assertMatch(String(await assertRejects(() => alice.retrieve(`RETR d/${raw}`))), /550 .*UTF-8/);
    for (const path of [`d/${raw}`, "d/\ufffd/new"]) {
      for (const command of ["STOR", "APPE"]) {
        assertMatch(
          String(await assertRejects(() => alice.store(`${command} ${path}`, "x"))),
          /55[03] .*UTF-8/,
        );
      }
    }
    for (const command of ["LIST d", "MLSD d", "NLST d"]) {
      assertEquals((await alice.lines(command)).length, 2, command);
    }
    await alice.ask("RNFR d", 350);
    await alice.ask("RNTO e", 250);
    await alice.ask("RMD e", 550);
  },
);

ftpHoldsOnDisk(
  "a name that is neither composed nor decomposed is listed as it was spelled",
  async (bench, alice) => {
    const names = ["\u00e9-e\u0301", "\u1eb9\u0302", "\u212b", "\ufa19", "\u0958", "q\u0307\u0323"];
    for (const name of names) {
      const nfc = name.normalize();
      await alice.ask(`MKD ${name}`, 257);
      await alice.store(`STOR ${name}/${name}`, "one");
      await alice.store(`STOR ${name}/${name}`, "two");
      assertEquals(await alice.lines("NLST"), [name]);
      assertEquals(await alice.lines(`NLST ${nfc}`), [name]);
      assert((await alice.lines(`MLSD ${name}`))[0]!.endsWith(` ${name}`));
      for (const form of [name, nfc]) {
        const { content } = await alice.retrieve(`RETR ${form}/${form}`);
        assertEquals(content.toString(), "two");
      }
      for (
        const other of [`${name}/${nfc}`, `${nfc}/${name}`, `${name}/${name.normalize("NFD")}`]
      ) {
        if (other === `${name}/${name}`) continue;
        assertMatch(
          String(await assertRejects(() => alice.store(`STOR ${other}`, "other"))),
          /553 .*Unicode form/,
        );
      }
      await alice.ask(`MKD ${name}/${nfc}`, 553);
      assertEquals(await alice.lines("NLST -R"), [".:", name, "", `./${name}:`, name]);
      assertMatch(
        (await alice.ask(`MLST ${name}/${name}`, 250)).text,
        new RegExp(`; /${name}/${name}\r?\n`),
      );
      // A rename gives the other form, and the first one again.
      for (const form of [nfc, name]) {
        await alice.ask(`RNFR ${name}/${nfc}`, 350);
        await alice.ask(`RNTO ${name}/${form}`, 250);
        assertEquals(await alice.lines(`NLST ${name}`), [form]);
      }
      // Other doors have the composed name, and leave the spelling as it is.
      using native = await RawClient.login(bench.server, "alice", PASSWORD);
      assertEquals(await namesIn(native, name), [nfc]);
      is(await native.upload(`/${nfc}/${nfc}`, "three", { if_exists: "overwrite" }), "OK");
      is(await native.ask("RENAME", { from: `/${nfc}`, to: "/moved" }), "OK");
      assertEquals(await alice.lines("NLST"), ["moved"]);
      assertEquals(await alice.lines("NLST moved"), [name]);
      await alice.ask(`DELE moved/${name}`, 250);
      // A later file of that name has its own spelling.
      is(await native.upload(`/moved/${nfc}`, "new"), "OK");
      assertEquals(await alice.lines("NLST moved"), [nfc]);
      await alice.ask(`DELE moved/${nfc}`, 250);
      await alice.ask("RMD moved", 250);
    }
  },
);

ftpHolds("names may begin and end with spaces, in every command", async (_, alice) => {
  for (const name of [" lead", "  two", "trail ", " both "]) {
    await alice.ask(`MKD ${name}`, 257);
    await alice.store(`STOR ${name}/ f `, "x");
    assertEquals(await alice.lines("NLST"), [name]);
    assert((await alice.lines("LIST"))[0]!.endsWith(` ${name}`));
    assert((await alice.lines("MLSD"))[0]!.endsWith(`; ${name}`));
    for (const command of ["NLST ", "NLST -a ", "NLST -a -l "]) {
      assertEquals(await alice.lines(`${command}${name}`), [" f "]);
    }
    assertEquals((await alice.lines(`LIST ${name}`)).length, 1);
    assertEquals((await alice.lines(`LIST -la ${name}`)).length, 1);
    assertEquals(await alice.lines(`NLST ${name}/ *`), [`${name}/ f `]);
    assertMatch((await alice.ask(`STAT ${name}`, 212)).text, / f \r?\n/);
    assertMatch((await alice.ask(`MLST ${name}`, 250)).text, new RegExp(`; /${name}\r?\n`));
    await alice.ask(`CWD ${name}`, 250);
    assertMatch((await alice.ask("PWD", 257)).text, new RegExp(`"/${name}"`));
    await alice.ask("SIZE  f ", 213);
    await alice.ask("MFMT 20200101000000  f ", 213);
    await alice.ask("RNFR  f ", 350);
    await alice.ask("RNTO  g ", 250);
    await alice.ask("DELE  g ", 250);
    await alice.ask("CWD /", 250);
    await alice.ask(`RMD ${name}`, 250);
  }
});

ftpHolds(
  "of two uploads at once whose names differ in their form, one is refused",
  async (bench) => {
    for (const forms of [["caf\u00e9", "cafe\u0301"], ["\u7965", "\ufa1a"], ["\ufa1a", "\u7965"]]) {
      using first = await bench.login();
      using second = await bench.login();
      const clients = [first, second];
      const data = await Promise.all(
        clients.map((one, index) => one.begin(`STOR ${forms[index]}`)),
      );
      await Promise.all(data.map((one, index) => one.write(forms[index]!)));
      await Promise.all(data.map((one) => one.end()));
      const replies = await Promise.all(clients.map((one) => one.reply()));
      assertEquals(replies.map(({ code }) => code).sort(), [226, 553]);
      const stored = replies[0]!.code === 226 ? 0 : 1;
      assertEquals(await first.lines("NLST"), [forms[stored]]);
      assertStrictEquals(
        (await first.retrieve(`RETR ${forms[stored]}`)).content.toString(),
        forms[stored],
      );
      // An upload refused at its end is not listed as unfinished.
      assertEquals(await uploadsIn(bench.server.engine), []);
      await first.ask(`DELE ${forms[stored]}`, 250);
    }
  },
);
