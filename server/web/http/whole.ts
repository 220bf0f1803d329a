import { setImmediate } from "node:timers";
import { UnsentResponse } from "./send.ts";

/**
 * A response that is there at once and in one piece, with its length: it leaves in one write then.
 * A second one would wait for the first to be acknowledged, which peers delay by 40 ms. Any other
 * response stays as it is.
 *
 * @throws {UnsentResponse} where its body fails at once
 */
export async function asWhole(response: Response): Promise<Response> {
  const { body, headers } = response;
  if (body === null || headers.has("content-length")) return response;
  const reader = body.getReader();
  const first = await reader.read().catch((cause) => {
    throw new UnsentResponse("The body cannot be read", { cause });
  });
  if (first.done) return withLength(response, new Uint8Array(0));
  let next: ReturnType<typeof reader.read> | undefined = reader.read();
  next.catch(() => {}); // reported where it is awaited below
  const soon = await Promise.race([next.catch(() => undefined), turn()]);
  if (soon?.done) return withLength(response, first.value);
  let pending: typeof first | undefined = first;
  const rest = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = pending ?? await (next ?? reader.read());
      if (pending) pending = undefined;
      else next = undefined;
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
  return new Response(rest as ReadableStream<Uint8Array<ArrayBuffer>>, response);
}

function withLength(response: Response, bytes: Uint8Array<ArrayBuffer>): Response {
  const whole = new Response(bytes, response);
  whole.headers.set("content-length", String(bytes.length));
  return whole;
}

/** Resolves once all that is ready has run. */
function turn(): Promise<undefined> {
  return new Promise((resolve) => setImmediate(() => resolve(undefined)));
}
