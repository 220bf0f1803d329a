// Programs that the demo of a cluster needs beside Deno, and Debian's packages that have them.

/** Package of each program. */
const PACKAGES: Readonly<Record<string, string>> = {
  "postgresql": "postgresql",
  "ceph-mon": "ceph-mon",
  "ceph-osd": "ceph-osd",
  "ceph": "ceph-common",
  "monmaptool": "ceph-common",
  "radosgw": "radosgw",
  "radosgw-admin": "radosgw",
  "haproxy": "haproxy",
  "curl": "curl",
  "openssl": "openssl",
};

/** Where Debian has programs; a plain user's PATH lacks some of these. */
const PLACES = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** Debian's packages that are needed and not installed, each once. */
export function missingPackages(): string[] {
  const missing = Object.entries(PACKAGES)
    .filter(([program]) => program === "postgresql" ? !hasPostgres() : !isInstalled(program));
  return [...new Set(missing.map(([, name]) => name))];
}

/** The line that installs packages. */
export function installLine(packages: readonly string[]): string {
  return `apt-get install --no-install-recommends ${packages.join(" ")}`;
}

/** Debian keeps PostgreSQL's programs out of PATH, one directory for each version. */
function hasPostgres(): boolean {
  try {
    const versions = [...Deno.readDirSync("/usr/lib/postgresql")];
    return versions.some(({ name }) => isFile(`/usr/lib/postgresql/${name}/bin/initdb`));
  } catch {
    return false;
  }
}

function isInstalled(program: string): boolean {
  return PLACES.some((place) => isFile(`${place}/${program}`));
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
