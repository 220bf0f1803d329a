/**
 * Two ends of one connection within the kernel: what is written to one can be read from the other at
 * once. TCP hands bytes on by a task of the kernel's, which waits for a processor on a busy machine.
 */
export async function socketPair(): Promise<[Deno.UnixConn, Deno.UnixConn]> {
  const directory = Deno.makeTempDirSync({ prefix: "towpath-sockets-" });
  try {
    const path = `${directory}/socket`;
    using listener = Deno.listen({ transport: "unix", path });
    return await Promise.all([Deno.connect({ transport: "unix", path }), listener.accept()]);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}
