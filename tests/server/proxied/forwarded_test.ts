/** The client of a request that a proxy hands on. */
import { assertEquals, assertThrows } from "@std/assert";
import { networkSet } from "../../../server/admission/networks.ts";
import { forwardedClient } from "../../../server/web/http/forwarded.ts";
import { HttpError } from "../../../server/web/http/head.ts";

const trusts = networkSet([{ address: "10.0.0.0", prefixLength: 8 }]);
const PROXY = "10.0.0.1";

function client(headers: Record<string, string>, path = "/"): string {
  const request = new Request(`https://files.example.org${path}`, { headers });
  return forwardedClient(request, PROXY, trusts);
}

const https = { "x-forwarded-proto": "https" };

for (
  const [forwarded, expected] of Object.entries({
    "203.0.113.7": "203.0.113.7",
    "2001:db8::7": "2001:db8::7",
    "203.0.113.7, 10.0.0.2": "203.0.113.7",
    "198.51.100.1,203.0.113.7 , 10.0.0.2,10.9.9.9": "203.0.113.7",
    "not an address, 203.0.113.7": "203.0.113.7",
    "10.0.0.5, 10.0.0.2": "10.0.0.5",
  })
) {
  Deno.test(`X-Forwarded-For: ${forwarded} is ${expected}`, () => {
    assertEquals(client({ ...https, "x-forwarded-for": forwarded }), expected);
  });
}

Deno.test("a request without the client's address, or not over HTTPS, is refused", () => {
  const address = { "x-forwarded-for": "203.0.113.7" };
  const wrong: Record<string, string>[] = [{}, https, address];
  wrong.push({ ...address, "x-forwarded-proto": "http" });
  wrong.push({ ...address, "x-forwarded-proto": "https, http" });
  for (
    const text of ["unknown", "203.0.113.7:80", "", "203.0.113.7,", "203.0.113.7, x, 10.0.0.2"]
  ) {
    wrong.push({ ...https, "x-forwarded-for": text });
  }
  for (const headers of wrong) assertThrows(() => client(headers), HttpError);
});

Deno.test("a health check of the proxy itself needs no header", () => {
  assertEquals(client({}, "/healthz"), PROXY);
  assertEquals(client({ ...https, "x-forwarded-for": "203.0.113.7" }, "/healthz"), "203.0.113.7");
});
