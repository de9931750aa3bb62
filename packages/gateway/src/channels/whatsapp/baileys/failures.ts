import { JoinError, SendError } from "../../types.ts";

/** The codes that baileys and WhatsApp end a connection with (baileys, `DisconnectReason`). */
export const ended = { loggedOut: 401, restart: 515 } as const;

/**
 * The status that an error of baileys carries (@hapi/boom), if it is WhatsApp's word. A WebSocket that failed has its
 * error as `data`: the 401 of some proxy in between must not end the session.
 */
export function statusOf(thrown: unknown): number | undefined {
  if (typeof thrown !== "object" || thrown === null || !("output" in thrown)) return undefined;
  if ("data" in thrown && thrown.data instanceof Error) return undefined;
  const { output } = thrown;
  if (typeof output !== "object" || output === null || !("statusCode" in output)) return undefined;
  return typeof output.statusCode === "number" ? output.statusCode : undefined;
}

/** What the end of a connection means for the account. What is not baileys' own error stays as it is. */
export function endOf(thrown: unknown, { isLoggingIn }: { isLoggingIn: boolean }): Error {
  if (thrown instanceof Error && !("output" in thrown)) return thrown;
  const status = statusOf(thrown);
  switch (status) {
    case ended.loggedOut:
      return new JoinError(
        "login",
        "WhatsApp ended this session: the device was removed on the phone. Log in again: openclaw channels login whatsapp",
      );
    case 403:
      return new JoinError(
        "settings",
        "WhatsApp refuses this account (403). Open WhatsApp on the phone: it says why.",
      );
    case 405:
      return new JoinError(
        "settings",
        "WhatsApp does not accept this version of baileys any more (405). Install a newer one beside OpenClaw.",
      );
    case 411:
      return new JoinError(
        "login",
        "The phone's WhatsApp is too old for linked devices. Update it, then: openclaw channels login whatsapp",
      );
    case 440:
      return new JoinError(
        "settings",
        "Another program uses this session (440). Stop it, or log in again as a device of its own: openclaw channels login whatsapp",
      );
  }
  if (isLoggingIn && status === 408) {
    return new JoinError(
      "login",
      "The QR code expired, or the code was not typed in in time. Try again: openclaw channels login whatsapp",
    );
  }
  return new Error(`The connection to WhatsApp was lost${status === undefined ? "" : ` (${status})`}.`, {
    cause: thrown,
  });
}

/** baileys' code for a connection that is not there. */
const closedStatus = 428;

/** What baileys says where the connection is not open. */
export function notOpen(): Error {
  return Object.assign(new Error("Connection Closed"), { output: { statusCode: closedStatus } });
}

/**
 * How sending failed where `sendMessage` itself threw: the message is the last thing that it writes, so a connection
 * that was found closed, or closed during a question before it (baileys then throws the number that the WebSocket
 * closed with), and a file that could not be uploaded, mean that it is not on its way.
 */
export function sendErrorOfSocket(thrown: unknown): SendError {
  if (thrown instanceof SendError) return thrown;
  if (statusOf(thrown) === closedStatus || typeof thrown === "number") {
    return new SendError("later", "WhatsApp is not connected now.");
  }
  if (thrown instanceof Error && isUpload(thrown)) {
    return new SendError("later", "The file could not be uploaded to WhatsApp.");
  }
  return brokenOff();
}

export function brokenOff(): SendError {
  return new SendError(
    "unknown",
    "The connection broke off while the message was on its way; it may have arrived.",
  );
}

/** baileys gives these no code of their own (`getWAUploadToServer`). */
function isUpload(thrown: Error): boolean {
  return thrown.message === "Media upload failed on all hosts";
}

/** What WhatsApp answers in an acknowledgement that is none. */
export function refusalOf(code: string): SendError {
  const reason =
    code === "463"
      ? "it does not let this account begin new chats now; wait until the person has written first"
      : "see WhatsApp on the phone for notices about the account";
  return new SendError("refused", `WhatsApp refused the message (${code}): ${reason}.`);
}
