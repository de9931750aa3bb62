import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { until } from "./until.ts";

/** What a server of the tests does otherwise than usual. */
export interface IrcRules {
  /** What it offers by CAP. */
  capabilities?: string[];
  /** The line of ISUPPORT. */
  supports?: string;
  takenNicks?: string[];
  /** Sent before anything was asked. */
  greeting?: string;
  /** What PASS must be. */
  password?: string;
  /** `account\0password` that SASL takes. */
  login?: string;
  /** Answers a line in place of the usual; undefined: the usual is done. */
  on?(line: string, connection: IrcConnection): string[] | undefined;
}

export interface IrcConnection {
  readonly nick: string;
  /** Lines that the bot sent. */
  readonly lines: string[];
  write(line: string): void;
  /** Writes without ending the line. */
  pour(text: string): void;
  cut(): void;
}

export interface IrcServer {
  readonly port: number;
  readonly connections: IrcConnection[];
  /** All that bots said: `target :text`. */
  said(): string[];
  close(): Promise<void>;
}

/**
 * A server of one's own for what a real one cannot be made to do: tags, refusals, silence, cut connections. Built
 * after https://modern.ircdocs.horse and https://ircv3.net.
 */
export async function startIrcServer(rules: IrcRules = {}): Promise<IrcServer> {
  const sockets = new Set<Socket>();
  const connections: IrcConnection[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    connections.push(serve(socket, rules));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return {
    port: address.port,
    connections,
    said: () =>
      connections.flatMap(({ lines }) =>
        lines.filter((it) => it.includes("PRIVMSG ")).map((it) => it.slice(it.indexOf("PRIVMSG ") + 8)),
      ),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function serve(socket: Socket, rules: IrcRules): IrcConnection {
  const state = { nick: "", user: false, negotiating: false, password: "", welcomed: false };
  const lines: string[] = [];
  const connection: IrcConnection = {
    get nick() {
      return state.nick;
    },
    lines,
    write: (line) => void socket.write(`${line}\r\n`),
    pour: (text) => void socket.write(text),
    cut: () => socket.destroy(),
  };
  const reply = (numeric: string, rest: string) =>
    connection.write(`:irc.test ${numeric} ${state.nick || "*"} ${rest}`);

  function welcome(): void {
    if (state.welcomed || !state.user || state.nick === "" || state.negotiating) return;
    if (rules.password !== undefined && state.password !== rules.password) {
      reply("464", ":Password incorrect");
      connection.write("ERROR :Closing Link: Access denied");
      socket.end();
      return;
    }
    state.welcomed = true;
    reply("001", ":Welcome");
    reply("005", `${rules.supports ?? "CASEMAPPING=rfc1459 CHANTYPES=#"} :are supported by this server`);
    reply("422", ":MOTD File is missing");
  }

  const handlers: Record<string, (params: string[]) => void> = {
    CAP([command, wanted = ""]) {
      if (command === "LS") {
        state.negotiating = true;
        connection.write(`:irc.test CAP * LS :${(rules.capabilities ?? []).join(" ")}`);
      } else if (command === "REQ") connection.write(`:irc.test CAP * ACK :${wanted}`);
      else if (command === "END") {
        state.negotiating = false;
        welcome();
      }
    },
    AUTHENTICATE([word = ""]) {
      if (word === "PLAIN") return connection.write("AUTHENTICATE +");
      const [, ...credentials] = Buffer.from(word, "base64").toString().split("\0");
      const isRight = credentials.join("\0") === rules.login;
      reply(
        isRight ? "903" : "904",
        isRight ? ":SASL authentication successful" : ":SASL authentication failed",
      );
    },
    PASS([password = ""]) {
      state.password = password;
    },
    NICK([nick = ""]) {
      if (rules.takenNicks?.includes(nick)) return reply("433", `${nick} :Nickname is already in use`);
      state.nick = nick;
      welcome();
    },
    USER() {
      state.user = true;
      welcome();
    },
    JOIN([channel = ""]) {
      connection.write(`:${state.nick}!bot@test JOIN ${channel}`);
    },
    PING([token = ""]) {
      connection.write(`:irc.test PONG irc.test :${token}`);
    },
    QUIT() {
      socket.end();
    },
  };

  if (rules.greeting !== undefined) connection.write(rules.greeting);
  let rest = "";
  socket.on("data", (chunk) => {
    const parts = (rest + chunk).split("\r\n");
    rest = parts.pop() ?? "";
    for (const line of parts) {
      lines.push(line);
      const own = rules.on?.(line, connection);
      if (own) own.forEach(connection.write);
      else {
        const [head = "", ...trailing] = line.split(" :");
        const [command = "", ...params] = head.split(" ");
        handlers[command]?.([...params, ...(trailing.length > 0 ? [trailing.join(" :")] : [])]);
      }
    }
  });
  return connection;
}

/** Waits until the bot has sent a line like this. */
export async function lineOf(connection: IrcConnection, like: RegExp): Promise<string> {
  await until(() => connection.lines.some((it) => like.test(it)), `a line like ${like}`);
  return connection.lines.find((it) => like.test(it))!;
}
