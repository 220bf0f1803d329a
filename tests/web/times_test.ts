// Modification times by HTTP and tus: before 1970, and none that there is.

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Tus } from "../support/tus.ts";
import { holdsWeb } from "../support/web.ts";
import { WebProgram } from "../support/web_program.ts";

holdsWeb(
  "times before 1970 are kept, and an invalid time becomes the nearest one, or is refused",
  async (bench) => {
    const alice = await WebProgram.login(bench);
    const tus = new Tus(alice);
    const modified = (path: string, mtimeMs: number) =>
      alice.ask("/modified", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ path, mtimeMs }),
      });
    const put = (mtimeMs: number) =>
      alice.ask(`/files/put?mtimeMs=${mtimeMs}`, { method: "PUT", body: "x" });
    const created = (lastmodified: number) =>
      tus.createWith("x", { path: "/tus", ifexists: "overwrite", lastmodified: `${lastmodified}` });
    for (const mtimeMs of [-500_000_000_000, -1, 0]) {
      assert((await put(mtimeMs)).status < 300);
      assertEquals((await created(mtimeMs)).status, 201);
      for (const path of ["put", "tus"]) {
        assertStrictEquals((await alice.ask(`/info/${path}`)).json.mtimeMs, mtimeMs);
        const { headers } = await alice.ask(`/files/${path}`);
        assertEquals(Date.parse(headers.get("last-modified")!), Math.floor(mtimeMs / 1000) * 1000);
      }
      assertEquals((await modified("/put", mtimeMs - 1000)).status, 204);
      assertEquals((await alice.ask("/info/put")).json.mtimeMs, mtimeMs - 1000);
    }
    // None that there is: the nearest that the disk can hold, never another one.
    for (const mtimeMs of [8640000000000001, 253402300800000, -62135596800001, -8640000000000001]) {
      assert((await put(mtimeMs)).status < 300);
      assertEquals((await created(mtimeMs)).status, 201);
      const times = [];
      for (const path of ["put", "tus"]) {
        times.push((await alice.ask(`/info/${path}`)).json.mtimeMs);
      }
      assertEquals((await modified("/put", mtimeMs)).status, 204);
      times.push((await alice.ask("/info/put")).json.mtimeMs);
      assertEquals(new Set(times).size, 1);
      assert(
        Math.sign(times[0]) === Math.sign(mtimeMs) && Math.abs(times[0]) > 2e12,
        `${times}`,
      );
    }
    for (const mtimeMs of [2 ** 53, 1.5]) {
      assertEquals((await put(mtimeMs)).status, 400, String(mtimeMs));
      assertEquals((await created(mtimeMs)).status, 400, String(mtimeMs));
      assertEquals((await modified("/put", mtimeMs)).status, 400, String(mtimeMs));
    }
  },
);
