import type { WASocket } from "baileys";
import { type Inbox, JoinError, type LoginWish } from "../../types.ts";
import { phoneDigits } from "../both/addresses.ts";

export type Login = { method: "qr" } | { method: "code"; digits: string };

/** How somebody wants to log in. Throws where the number is missing that a code is made for. */
export function loginOf(wish: LoginWish | undefined, ownNumber: string | undefined): Login | undefined {
  if (wish === undefined) return undefined;
  if (wish.method === "qr") return { method: "qr" };
  const digits = phoneDigits(wish.phoneNumber ?? ownNumber ?? "");
  if (digits !== undefined) return { method: "code", digits };
  throw new JoinError(
    "settings",
    "A pairing code is made for a number: set channels.whatsapp.phoneNumber, with the country code, or name it at the login.",
  );
}

const where = "On the phone: WhatsApp > Settings > Linked devices > Link a device";

/** What to do with each QR code that WhatsApp offers: show it, or ask for a pairing code once in its place. */
export function loginSteps(
  login: Login | undefined,
  socket: WASocket,
  inbox: Inbox,
  fail: (thrown: unknown) => void,
): (qr: string) => Promise<void> {
  let asked = false;
  return async (qr) => {
    if (login === undefined) return fail(notLinked());
    if (login.method === "qr")
      return inbox.needsLogin({
        qr,
        message: `${where}, then scan this code. It lives for a minute at most.`,
      });
    if (asked) return;
    asked = true;
    const code = await socket.requestPairingCode(login.digits);
    const message = `${where} > Link with phone number instead, then type this code within two minutes.`;
    inbox.needsLogin({ code: `${code.slice(0, 4)}-${code.slice(4)}`, message });
  };
}

export function notLinked(): JoinError {
  return new JoinError("login", "No phone has linked this account. Run: openclaw channels login whatsapp");
}
