/** The kinds of values options take: how each is written, and how it is read from a text. */
import { isIP } from "node:net";
import { nameFault } from "../../common/account_names.ts";
import { parseDuration } from "../../common/duration.ts";
import { NETWORK_FORM, parseNetwork } from "../../common/network.ts";
import { parseSize } from "../../common/size.ts";
import { parseDecimal } from "../../common/decimal.ts";

/** How the values of an option are written and read. */
export interface Kind<T> {
  /** How help shows the value; null for a switch, which needs none. */
  readonly placeholder: string | null;
  /** Reads a value; throws a TypeError whose message completes "… must be". */
  read(text: string): T;
}

function oneOf<const T extends string>(values: readonly T[], placeholder: string): Kind<T> {
  return {
    placeholder,
    read(text) {
      const found = values.find((value) => value === text);
      if (found === undefined) {
        throw new TypeError(`${values.slice(0, -1).join(", ")} or ${values.at(-1)}`);
      }
      return found;
    },
  };
}

/** A choice of words; help shows them. */
export function choice<const T extends string>(...values: T[]): Kind<T> {
  return oneOf(values, values.join("|"));
}

/** A choice of words that help calls by one name. */
export function named<const T extends string>(placeholder: string, ...values: T[]): Kind<T> {
  return oneOf(values, placeholder);
}

/** Any text that is not empty. */
export function text(placeholder: string): Kind<string> {
  return {
    placeholder,
    read(text) {
      if (text === "" || text.includes("\0")) throw new TypeError("a text that is not empty");
      return text;
    },
  };
}

/** The name of a node. */
export const nodeName: Kind<string> = {
  placeholder: "NAME",
  read(text) {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(text)) {
      throw new TypeError("a name of letters, digits, dots, hyphens and underscores");
    }
    return text;
  },
};

/** An integer within bounds. */
export function integer(placeholder: string, least: number, most: number): Kind<number> {
  return {
    placeholder,
    read(text) {
      const value = parseDecimal(text) ?? NaN;
      if (!(value >= least && value <= most)) {
        throw new TypeError(`an integer from ${least} to ${most}`);
      }
      return value;
    },
  };
}

/** A TCP port; 0 picks a free one. */
export const port: Kind<number> = integer("N", 0, 65_535);

/** A range of TCP ports. */
export const portRange: Kind<{ first: number; last: number }> = {
  placeholder: "A-B",
  read(text) {
    const match = /^([0-9]{1,5})-([0-9]{1,5})$/.exec(text);
    const range = { first: Number(match?.[1] ?? 0), last: Number(match?.[2] ?? 0) };
    if (range.first < 1 || range.last > 65_535 || range.first > range.last) {
      throw new TypeError("two ports, the lower one first (50000-50100)");
    }
    return range;
  },
};

/** An IP address. */
export const address: Kind<string> = {
  placeholder: "ADDR",
  read(text) {
    if (isIP(text) === 0) throw new TypeError("an IP address");
    return text;
  },
};

/** An address to listen on: an IP address, or `localhost`. */
export const listenAddress: Kind<string> = {
  placeholder: "ADDR",
  read(text) {
    if (text === "localhost") return "127.0.0.1";
    const bare = text.replace(/^\[(.*)\]$/, "$1");
    if (isIP(bare) === 0) throw new TypeError("an IP address of this machine");
    return bare;
  },
};

/** A network in CIDR notation, or one address. */
export const network: Kind<{ address: string; prefixLength: number }> = {
  placeholder: "CIDR",
  read(text) {
    const network = parseNetwork(text);
    if (network === undefined) throw new TypeError(NETWORK_FORM);
    return network;
  },
};

/** An origin as browsers write it in `Origin`, or `*`. */
export const origin: Kind<string> = {
  placeholder: "ORIGIN",
  read(text) {
    if (text === "*") return text;
    const url = URL.parse(text);
    const isOrigin = url !== null && /^https?:$/.test(url.protocol) &&
      url.username + url.password + url.search + url.hash === "" && url.pathname === "/";
    if (!isOrigin) throw new TypeError('an origin such as https://app.example.org, or "*"');
    return url.origin;
  },
};

/** The path of a URL, of plain characters: without a slash at its end, so that `/` is empty. */
export const basePath: Kind<string> = {
  placeholder: "PATH",
  read(text) {
    const path = text.replace(/\/$/, "");
    const segments = path.split("/").slice(1);
    const isPath = text.startsWith("/") && text.length <= 200 &&
      segments.every((segment) => /^[A-Za-z0-9._~-]+$/.test(segment) && !/^\.+$/.test(segment));
    if (!isPath) {
      throw new TypeError("a path such as /files-and-more, of letters, digits, - . _ ~ and /");
    }
    return path;
  },
};

/** A directory of an account: `alice:/public`, or `/shared/alice/public`. */
export const publishedPath: Kind<{ owner: string; path: string }> = {
  placeholder: "PATH",
  read(text) {
    const match = /^(?:\/shared\/([^/:]+)(\/.*)?|([^/:]+):(\/.*))$/s.exec(text);
    const owner = match?.[1] ?? match?.[3] ?? "";
    const path = (match?.[2] ?? match?.[4] ?? "/").replace(/(.)\/+$/, "$1");
    const isPath = !path.split("/").some((segment) => /^\.+$/.test(segment)) &&
      !/\/\/|[\p{Cc}]/u.test(path);
    if (nameFault(owner) !== undefined || !isPath) {
      throw new TypeError("a directory of an account, such as alice:/public");
    }
    return { owner, path: path.normalize("NFC") };
  },
};

/** A name or address that a certificate is made for. */
export const certificateName: Kind<string> = {
  placeholder: "HOST",
  read(text) {
    const label = "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?";
    const isName = new RegExp(`^(\\*\\.)?${label}(\\.${label})*$`, "i").test(text);
    if (isIP(text) === 0 && !(isName && text.length <= 253)) {
      throw new TypeError("a host name or an IP address");
    }
    return text.toLowerCase();
  },
};

/** On or off; a bare flag is on. */
export const toggle: Kind<boolean> = {
  placeholder: null,
  read(text) {
    if (/^(true|yes|on|1)$/i.test(text)) return true;
    if (/^(false|no|off|0)$/i.test(text)) return false;
    throw new TypeError("true or false");
  },
};

/** Bytes. */
export const size: Kind<number> = {
  placeholder: "SIZE",
  read(text) {
    const bytes = parseSize(text);
    if (bytes !== undefined) return bytes;
    throw new TypeError("a number of bytes, with K, M, G or T behind it where wanted (500M)");
  },
};

/** Bytes per second, above 0. */
export const rate: Kind<number> = {
  placeholder: "SIZE",
  read(text) {
    const bytes = size.read(text);
    if (bytes === 0) throw new TypeError("more than 0 bytes");
    return bytes;
  },
};

/** Milliseconds, above 0. */
export const duration: Kind<number> = {
  placeholder: "DUR",
  read(text) {
    const ms = parseDuration(text);
    if (ms === undefined) throw new TypeError("a number with ms, s, m, h or d behind it (30s)");
    if (ms === 0) throw new TypeError("longer than 0");
    return ms;
  },
};

/** A kind that may also be switched off with `none` or `off`: null then. */
export function orNone<T>(kind: Kind<T>): Kind<T | null> {
  return {
    placeholder: kind.placeholder,
    read: (text) => /^(none|off)$/i.test(text) ? null : kind.read(text),
  };
}

/** A kind whose value may also be left to the server with `auto`: null then. */
export function orAuto<T>(kind: Kind<T>): Kind<T | null> {
  return {
    placeholder: kind.placeholder,
    read: (text) => /^auto$/i.test(text) ? null : kind.read(text),
  };
}
