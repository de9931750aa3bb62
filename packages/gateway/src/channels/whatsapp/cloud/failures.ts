import { JoinError, SendError } from "../../types.ts";
import { errorCode, type GraphAnswer } from "./graph.ts";

/** More than 24 hours since the person wrote. 470 is its old number. */
export const windowClosed: ReadonlySet<number> = new Set([131047, 470]);

/** Limits of the app, the account, the number's throughput, of spam, and of one pair of numbers. */
const limits = new Set([4, 80007, 130429, 131048, 131056]);

const reasons: Readonly<Record<number, string>> = {
  100: "a parameter is invalid; check the number and phoneNumberId",
  368: "the account is blocked for breaking Meta's rules; see the WhatsApp Manager",
  131026: "the person cannot be reached: no WhatsApp, or has not accepted its terms",
  131030: "the number is not among the test recipients of the app; add it at API Setup",
  131031: "the business account is locked; see the WhatsApp Manager",
  131042: "there is something wrong with the account's payment; see the WhatsApp Manager",
  131049: "Meta holds this message back to keep the person's inbox healthy",
  131051: "this kind of message is not supported",
  131053: "the file was not accepted: wrong type or too large",
  132001: "the template does not exist in this language; check channels.whatsapp.template",
  133010: "the phone number is not registered with the Cloud API",
};

/** Token or rights are wrong (https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes, "Authorization errors"). */
function isDenied({ status, body }: GraphAnswer): boolean {
  const code = errorCode(body);
  if (code === undefined) return status === 401 || status === 403;
  return code === 190 || code === 0 || code === 3 || code === 10 || (code >= 200 && code <= 299);
}

/** What an answer that is no success means for the message. Meta's own words are left out: they may repeat the request. */
export function refusalOf(answer: GraphAnswer): SendError {
  const { status, body, retryAfterMs } = answer;
  const code = errorCode(body);
  if (status === 429 || (code !== undefined && limits.has(code))) {
    return new SendError("later", `WhatsApp's limit is reached (${code ?? status}).`, { retryAfterMs });
  }
  if (code !== undefined && windowClosed.has(code)) {
    return new SendError(
      "refused",
      "The 24-hour window is closed, configure channels.whatsapp.template: more than a day ago this person wrote last, so WhatsApp takes templates only.",
    );
  }
  if (isDenied(answer)) return new SendError("refused", deniedMessage);
  if (status >= 500)
    return new SendError("unknown", `WhatsApp answered ${status}; the message may have arrived.`);
  const reason = code === undefined ? "" : (reasons[code] ?? "see Meta's table of error codes");
  return new SendError(
    "refused",
    `WhatsApp refused the message (${code ?? status})${reason && `: ${reason}`}.`,
  );
}

const deniedMessage =
  "Meta does not accept channels.whatsapp.accessToken (expired, or without the permission whatsapp_business_messaging). Make a token of a system user.";

/** Why an account cannot be joined; undefined where it is worth trying again. */
export function joinErrorOf(answer: GraphAnswer): JoinError | undefined {
  if (isDenied(answer)) return new JoinError("settings", deniedMessage);
  if (answer.status === 400 || answer.status === 404) {
    return new JoinError(
      "settings",
      "Meta knows no such phone number: channels.whatsapp.phoneNumberId must be the id from API Setup (not the number), and the token must belong to its business.",
    );
  }
  return undefined;
}
