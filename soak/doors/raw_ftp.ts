/** FTP by commands of our own, over TLS: uploads that are cut and continued with REST or APPE. */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import net from "node:net";
import tls from "node:tls";
import { bytesOf } from "../common/content.ts";
import { type ClientContext, type DoorClient, Refused } from "../common/door_client.ts";

const TIMEOUT_MS = 60_000;

/** A control connection, logged in. */
class Control {
  #received = "";
  readonly #decoder = new TextDecoder();

  private constructor(
    readonly connection: Deno.TlsConn,
    readonly port: number,
    readonly ca: string,
  ) {}

  static async login({ place, login }: ClientContext): Promise<Control> {
    const { ftp } = await place.ports();
    const socket = await Deno.connect({ hostname: "localhost", port: ftp });
    try {
      await socket.write(new TextEncoder().encode("AUTH TLS\r\n"));
      let text = "";
      for (const buffer = new Uint8Array(1024); !/^234.*\r\n/m.test(text);) {
        const count = await within(socket.read(buffer));
        if (count === null) throw new Error("FTP: the connection ended before TLS");
        text += new TextDecoder().decode(buffer.subarray(0, count));
      }
      const ca = Deno.readTextFileSync(place.ca);
      const secure = await Deno.startTls(socket, { hostname: "localhost", caCerts: [ca] });
      const control = new Control(secure, ftp, ca);
      await control.ask(`USER ${login.username}`, 331);
      await control.ask(`PASS ${login.password}`, 230);
      for (const line of ["PBSZ 0", "PROT P", "TYPE I"]) await control.ask(line, 200);
      return control;
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  /** Sends a command. @throws {Refused} where another reply comes, {Error} where none does */
  async ask(line: string, expected: number): Promise<string> {
    await this.connection.write(new TextEncoder().encode(`${line}\r\n`));
    return await this.reply(line, expected);
  }

  async reply(line: string, expected: number): Promise<string> {
    const buffer = new Uint8Array(4096);
    while (true) {
      const match = /^(\d{3})(?: [^\n]*\n|-[^]*?\n\1 [^\n]*\n)/.exec(this.#received);
      if (match !== null) {
        this.#received = this.#received.slice(match[0].length);
        const code = Number(match[1]);
        if (code === expected) return match[0];
        const text = `raw FTP, ${line}: ${match[0].trim()}`;
        // 426 and 451 may come after the content was taken.
        if (code < 500 && code !== 450 && code !== 452) throw new Error(text);
        throw new Refused(text, [450, 452, 550, 552, 553, 554].includes(code));
      }
      const count = await within(this.connection.read(buffer));
      if (count === null) throw new Error(`raw FTP, ${line}: the connection ended`);
      this.#received += this.#decoder.decode(buffer.subarray(0, count), { stream: true });
    }
  }

  /** Sends content with a command. @param most bytes after which everything is cut */
  async store(line: string, bytes: Uint8Array, most = Infinity): Promise<void> {
    const passive = await this.ask("EPSV", 229);
    const port = Number(/\(\|\|\|(\d+)\|\)/.exec(passive)![1]);
    const socket = net.connect({ host: "localhost", port });
    socket.on("error", () => {}); // a killed server resets it; the missing reply shows it
    try {
      await within(once(socket, "connect"));
      await this.ask(line, 150);
      const data = tls.connect({ socket, ca: this.ca, servername: "localhost" });
      await within(once(data, "secureConnect"));
      data.on("error", () => {}); // the reply shows it
      data.resume();
      const part = Buffer.from(bytes.subarray(0, most));
      if (part.length > 0) {
        await within(new Promise<void>((resolve) => data.write(part, () => resolve())));
      }
      // Without close_notify: else the server rightly takes what came for the whole.
      if (most < bytes.length) return;
      data.end();
      await this.reply(line, 226);
    } finally {
      socket.destroy();
    }
  }

  close(): void {
    this.connection.close();
  }
}

/** Stores by FTP; what is cut goes on from where SIZE says, by REST and STOR or by APPE. */
export function rawFtpDoor(context: ClientContext, get: DoorClient["get"]): DoorClient {
  const using = async <T>(work: (control: Control) => Promise<T>): Promise<T> => {
    const control = await Control.login(context);
    try {
      return await work(control);
    } finally {
      control.close();
    }
  };
  return {
    name: "raw ftp",
    versions: false,
    async put(path, content) {
      await using((control) => control.store(`STOR ${path}`, bytesOf(content)));
      return path;
    },
    blind: {
      async begin(path, content, cut) {
        const bytes = bytesOf(content);
        const most = Math.floor(cut * bytes.length);
        await using((control) => control.store(`STOR ${path}`, bytes, most));
        return false;
      },
      async goOn(path, content, roll) {
        await using(async (control) => {
          const size = Number((await control.ask(`SIZE ${path}`, 213)).slice(4));
          const rest = bytesOf(content).subarray(size);
          if (roll < 0.5) return await control.store(`APPE ${path}`, rest);
          await control.ask(`REST ${size}`, 350);
          await control.store(`STOR ${path}`, rest);
        });
      },
    },
    get,
  };
}

async function within<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("raw FTP: no answer")), TIMEOUT_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
