import type { Log } from "../../lib/log.ts";
import { JoinError } from "../types.ts";
import type { Session } from "./session.ts";
import type { Account } from "./settings.ts";

const patienceMs = 60_000;
const otherNicks = 2;

/** Makes us known to the server and joins the channels. Resolves once the server has dealt with all of it. */
export async function register(
  session: Session,
  account: Account,
  { signal, log }: { signal: AbortSignal; log: Log },
): Promise<void> {
  const limit = AbortSignal.timeout(patienceMs);
  const within = { signal: AbortSignal.any([signal, limit]) };
  try {
    await welcome(session, account, within);
    if (account.identify) {
      await session.write(`PRIVMSG ${account.identify.service} :${account.identify.words}`, within);
    }
    await session.fence(within); // what the server says of itself has come by then
    const stopWatching = session.watch((message) => {
      const [, channel, why] = message.params;
      if (refusals.has(message.command)) log.warn({ channel, why }, "an IRC channel could not be joined");
    });
    try {
      // Joining a hundred channels takes its time: each line has its own turn.
      for (const { name, key } of account.channels) {
        await session.write(key === undefined ? `JOIN ${name}` : `JOIN ${name} ${key}`, { signal });
      }
      await session.fence({ signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]) });
    } finally {
      stopWatching();
    }
  } catch (thrown) {
    const isLate = thrown instanceof DOMException && thrown.name === "TimeoutError" && !signal.aborted;
    throw isLate ? new Error(`${account.host} did not answer for ${patienceMs / 1000} s.`) : thrown;
  }
}

/** Why a channel was not joined (https://modern.ircdocs.horse/#numerics). */
const refusals = new Set(["403", "405", "437", "471", "473", "474", "475", "476", "477", "489", "520"]);

async function welcome(session: Session, account: Account, options: { signal: AbortSignal }): Promise<void> {
  let nicks = 0;
  let isLoggedIn = false;
  const welcomed = session.waitFor(({ command, params }) => {
    if (command === "900" || command === "903") isLoggedIn = true;
    if (command === "433" || command === "436") {
      if (nicks >= otherNicks) throw taken(account.nick);
      session.changeNick(`${account.nick}${"_".repeat(++nicks)}`);
    }
    // Some servers (ngIRCd) refuse a password without its numeric: there is nothing else to tell it by.
    const isPassword = command === "ERROR" && /password/i.test(params.at(-1) ?? "");
    const refusal = refusalOf(isPassword ? "464" : command, account);
    if (refusal) throw new JoinError("settings", refusal);
    return command === "001" ? true : undefined;
  }, options);
  session.begin();
  await welcomed;
  if (account.sasl && !isLoggedIn) {
    const what = `${account.host} does not offer SASL PLAIN.`;
    throw new JoinError("settings", `${what} Remove sasl, or use nickserv instead.`);
  }
}

function taken(nick: string): JoinError {
  return new JoinError(
    "settings",
    `The nicknames ${nick}, ${nick}_ and ${nick}__ are in use. Set another nickname.`,
  );
}

function refusalOf(numeric: string, { host, nick }: Account): string | undefined {
  switch (numeric) {
    case "432":
      return `${host} does not take ${nick} as a nickname. Set another nickname.`;
    case "464":
      return `${host} refused its password. Check password; that of the bot's account belongs into sasl.`;
    case "465":
      return `${host} has banned this address or bot. Ask its operators.`;
    case "902":
    case "904":
    case "905":
    case "906":
    case "908":
      return `${host} refused the login. Check sasl.account and sasl.password.`;
    default:
      return undefined;
  }
}
