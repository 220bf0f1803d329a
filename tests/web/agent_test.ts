// Names of browsers in the lists of sessions.

import { assertEquals } from "@std/assert";
import { agentOf } from "../../server/web/session/agent.ts";

const KHTML = "AppleWebKit/537.36 (KHTML, like Gecko)";

const CASES: readonly [userAgent: string | undefined, brands: string | undefined, name: string][] =
  [
    [
      "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
      undefined,
      "Firefox 130 on Linux",
    ],
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${KHTML} Chrome/131.0.0.0 Safari/537.36`,
      '"Google Chrome";v="131", "Chromium";v="131", "Not_A Brand";v="24"',
      "Chrome 131 on Windows",
    ],
    [
      `Mozilla/5.0 (X11; Linux x86_64) ${KHTML} Chrome/131.0.0.0 Safari/537.36`,
      '"Chromium";v="131", "Not_A Brand";v="24"',
      "Chromium 131 on Linux",
    ],
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${KHTML} Chrome/131.0.0.0 Safari/537.36 Edg/131.0.2`,
      undefined,
      "Edge 131 on Windows",
    ],
    [
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15",
      undefined,
      "Safari 17 on macOS",
    ],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Mobile/15E148 Safari/604.1",
      undefined,
      "Safari 17 on iPhone",
    ],
    [
      `Mozilla/5.0 (Linux; Android 10; K) ${KHTML} Chrome/131.0.0.0 Mobile Safari/537.36`,
      undefined,
      "Chrome 131 on Android",
    ],
    ["curl/8.10.1", undefined, "curl 8.10.1"],
    [undefined, undefined, ""],
    ["Mozilla/5.0 (compatible; <b>x</b>)", undefined, ""],
    ["x".repeat(5000), `"${"y".repeat(5000)}";v="1"`, ""],
  ];

Deno.test("a browser and its system have a short name", () => {
  for (const [userAgent, brands, name] of CASES) {
    const headers: Record<string, string | undefined> = {
      "user-agent": userAgent,
      "sec-ch-ua": brands,
    };
    assertEquals(agentOf((header) => headers[header]), name, userAgent);
  }
});
