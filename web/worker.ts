/**
 * Starts workers of the page's own. Where the browser has Trusted Types, the page's policy demands
 * them for a worker's script, and this is the one place that makes one.
 */

interface Policies {
  createPolicy(
    name: string,
    rules: { createScriptURL(name: string): string },
  ): { createScriptURL(name: string): string };
}

const rules = {
  createScriptURL(name: string): string {
    if (!/^[a-z_]+\.js$/.test(name)) throw new TypeError(`"${name}" is no script of this page`);
    return new URL(name, import.meta.url).href;
  },
};

const { trustedTypes } = globalThis as unknown as { trustedTypes?: Policies };
const policy = trustedTypes?.createPolicy("towpath", rules) ?? rules;

/** Starts a worker from a script that lies beside this one. */
export function startWorker(name: string): Worker {
  return new Worker(policy.createScriptURL(name), { type: "module" });
}
