import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import type { IrcTransport } from "irc-framework/src/client.js";

/** Tags have 8191 bytes and the rest 512 (https://ircv3.net/specs/extensions/message-tags); no line is longer than this. */
const longestLine = 16_384;

export interface TransportHooks {
  /** A line came. */
  seen(): void;
  /** A line made the library throw. */
  malformed(): void;
}

/** The library's transport over a connection that is there already. Lines that it cannot digest cost no more than themselves. */
export function transportOver(socket: Socket, hooks: TransportHooks): new () => IrcTransport {
  return class extends EventEmitter implements IrcTransport {
    #rest = Buffer.alloc(0);

    connect(): void {
      socket.on("data", (chunk: Buffer) => this.#read(chunk));
      socket.once("close", () => this.emit("close", true));
      if (socket.destroyed) this.emit("close", true);
      else this.emit("open");
    }

    /** One line, whatever is in it: nothing that is sent can begin a second command. */
    writeLine(line: string, callback?: () => void): void {
      socket.write(`${line.replace(/[\r\n\0]+/g, " ")}\r\n`, callback && (() => callback()));
    }

    close(): void {
      socket.destroy();
    }

    disposeSocket(): void {
      socket.destroy();
    }

    setEncoding(encoding: string): boolean {
      return encoding === "utf8";
    }

    #read(chunk: Buffer): void {
      const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
      let start = 0;
      for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
        this.#line(bytes.toString("utf8", start, end));
        start = end + 1;
      }
      this.#rest = Buffer.from(bytes.subarray(start)); // a copy: the piece that it is cut from is let go
      if (this.#rest.length > longestLine) socket.destroy();
    }

    #line(line: string): void {
      hooks.seen();
      try {
        this.emit("line", line);
      } catch {
        hooks.malformed();
      }
    }
  };
}
