// The package brings no types, and its front door loads a SOCKS client and tables of encodings (6 MB more).
declare module "irc-framework/src/client.js" {
  import type { EventEmitter } from "node:events";

  export interface IrcMessage {
    readonly tags: Readonly<Record<string, string>>;
    readonly nick: string;
    readonly ident: string;
    readonly hostname: string;
    /** In upper case; numerics as three digits. */
    readonly command: string;
    readonly params: readonly string[];
  }

  /** What the client wants of a transport, which is to emit `open`, `line` and `close`. */
  export interface IrcTransport extends EventEmitter {
    connect(): void;
    writeLine(line: string, callback?: () => void): void;
    close(force?: boolean): void;
    disposeSocket(): void;
    setEncoding(encoding: string): boolean;
  }

  export interface IrcOptions {
    nick: string;
    username: string;
    gecos: string;
    password?: string | undefined;
    /** For SASL. Without an `account` in it there is none; without the object the server's password would be used. */
    account: { account?: string; password?: string };
    /** What CTCP VERSION is answered with; the empty text: with nothing. */
    version: string;
    auto_reconnect: boolean;
    /** Seconds; 0: never. */
    ping_interval: number;
    ping_timeout: number;
    transport: new () => IrcTransport;
  }

  export default class IrcClient {
    readonly user: { readonly nick: string };
    readonly network: {
      readonly options: Readonly<Record<string, unknown>>;
      readonly cap: { isEnabled(name: string): boolean };
    };
    readonly connection: {
      on(event: "message", listener: (message: IrcMessage) => void): unknown;
    };
    connect(options: IrcOptions): void;
    changeNick(nick: string): void;
    raw(line: string): void;
    requestCap(name: string | string[]): void;
  }
}
