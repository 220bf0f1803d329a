/** Writing to pipes that another program may have made non-blocking. */
import { nodeFs } from "./builtins.ts";

/**
 * A pipe accepts a write of at most PIPE_BUF bytes whole or not at all (POSIX, write(2)). If a
 * longer write fails half-way in a non-blocking pipe, Deno does not report how much was written.
 */
const PIPE_BUF = Deno.build.os === "linux" ? 4096 : 512;

/** Pause in ms before a full pipe is written to again. */
const PAUSE_MS = 5;

/** Bytes that may be written to an inherited descriptor at once, without any being lost. */
export function safePieceBytes(descriptor: number): number {
  return mayBeNonBlocking(descriptor) ? PIPE_BUF : Infinity;
}

/**
 * Writes all bytes to standard output or standard error, and waits for a slow reader. The type of
 * the descriptor is not checked: that takes longer than writing a command's output in small pieces.
 */
export function writeOutput(to: typeof Deno.stdout | typeof Deno.stderr, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    try {
      done += to.writeSync(bytes.subarray(done, done + PIPE_BUF));
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}

/** Whether an inherited descriptor may be one that other programs made non-blocking. */
function mayBeNonBlocking(descriptor: number): boolean {
  if (Deno.build.os === "windows") return false;
  try {
    return !nodeFs().fstatSync(descriptor).isFile();
  } catch {
    return true;
  }
}
