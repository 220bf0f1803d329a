// A form's request whose body is no form, or none that can be read, is a fault of the request.

import { assertEquals, assertMatch } from "@std/assert";
import { holdsWeb } from "../../support/web.ts";
import { HOST, LAST, rawExchange, statusesIn } from "../../support/web_raw.ts";

/** Headers of the type, and bodies that do not follow it. */
const NOT_FORMS: Record<string, [type: string, body: string]> = {
  "no type": ["", "x"],
  "neither type nor body": ["", ""],
  "another type": ["Content-Type: application/json\r\n", "{}"],
  "a type with a longer name": ["Content-Type: application/x-www-form-urlencodedx\r\n", "a=b"],
  "a type that cannot be read": ["Content-Type: ;;\r\n", "a=b"],
  "parts without a boundary": ["Content-Type: multipart/form-data\r\n", "--x\r\n"],
  "parts that never begin": ["Content-Type: multipart/form-data; boundary=x\r\n", "abc"],
  "a part that never ends": [
    "Content-Type: multipart/form-data; boundary=x\r\n",
    '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nabc',
  ],
  "a part without a name": [
    "Content-Type: multipart/form-data; boundary=x\r\n",
    "--x\r\nContent-Type: text/plain\r\n\r\nabc\r\n--x--\r\n",
  ],
};

holdsWeb("a body that is no form is refused, not a failure of the server", async (bench) => {
  for (const [what, [type, body]] of Object.entries(NOT_FORMS)) {
    const length = `Content-Length: ${body.length}\r\n`;
    const head = `POST /sign-in HTTP/1.1\r\n${HOST}${type}${length}\r\n`;
    const reply = await rawExchange(bench, head + body + LAST);
    const statuses = statusesIn(reply);
    assertEquals(statuses.length, 2, `${what}: ${reply}`);
    assertMatch(String(statuses[0]), /^4\d\d$/, `${what}: ${reply}`);
  }
});
