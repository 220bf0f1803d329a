/** A worker that tries what it is asked to, and reports whether it may. Used by worker_permissions_test.ts. */
const attempts: Record<string, (argument: string) => unknown> = {
  read: (path) => Deno.readTextFileSync(path),
  write: (path) => Deno.writeTextFileSync(path, "x"),
  env: (name) => Deno.env.get(name),
  sys: () => Deno.hostname(),
  run: (path) => new Deno.Command(path).outputSync(),
  ffi: (path) => Deno.dlopen(path, {}),
  import: (url) => import(url),
};

const scope = self as unknown as {
  postMessage(message: unknown): void;
  onmessage: (event: MessageEvent<[string, string]>) => void;
};
scope.onmessage = async ({ data: [what, argument] }) => {
  try {
    await attempts[what]!(argument);
    scope.postMessage("done");
  } catch (error) {
    scope.postMessage((error as Error).name);
  }
};
