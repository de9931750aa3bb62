import type { ResultOf } from "openclaw-protocol";
import type { LoginWish } from "../../channels/types.ts";
import type { Account } from "./account.ts";

/** How long a login is waited for before its caller is told what there is, ms. */
const loginWaitMs = 20_000;

/** Begins to log an account in, and says how far that got. Later steps are told by events of the channel's status. */
export async function logIn(
  account: Account,
  wish: LoginWish,
  signal: AbortSignal,
): Promise<ResultOf<"channel.login">> {
  if (!account.isConnected()) {
    await account.stop();
    account.start(wish);
  }
  await until(account, signal, loginWaitMs);
  const { status, login, lastError } = account.view();
  const message = login?.message ?? lastError ?? undefined;
  return {
    status,
    ...(login?.qr !== undefined && { qr: login.qr, qrPng: await pngOf(login.qr) }),
    ...(login?.code !== undefined && { code: login.code }),
    ...(message !== undefined && { message }),
  };
}

/** Waits until an account is connected or says what it needs. */
async function until(account: Account, signal: AbortSignal, ms: number): Promise<void> {
  const end = AbortSignal.any([signal, AbortSignal.timeout(ms)]);
  const over = new Promise<void>((resolve) => {
    if (end.aborted) resolve();
    else end.addEventListener("abort", () => resolve(), { once: true });
  });
  while (!end.aborted) {
    const { status } = account.view();
    if (status !== "connecting" && status !== "disabled") return;
    await Promise.race([account.changed(), over]);
  }
}

async function pngOf(text: string): Promise<string> {
  const { default: qrcode } = await import("qrcode");
  return (await qrcode.toBuffer(text, { type: "png", margin: 2, width: 320 })).toString("base64");
}
