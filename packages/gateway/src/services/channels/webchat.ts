import type { Channel, ParsedParamsOf, ResultOf } from "openclaw-protocol";
import type { Clock } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import type { MakeId } from "../../lib/ids.ts";
import type { Database } from "../../storage/database.ts";
import { insertMessage } from "../../storage/messages.ts";
import { findSession } from "../../storage/sessions.ts";
import type { Events } from "../events.ts";
import { sessionView } from "../sessions/views.ts";
import { trafficOf } from "./view.ts";

/** The API's own channel: sessions of HTTP, WebSocket, CLI and console. It is always there. */
export interface Webchat {
  readonly id: string;
  view(): Channel;
  status(): ResultOf<"channel.status">;
  /** Puts a message of the assistant's into a session, which `to` names. */
  send(
    wish: Pick<ParsedParamsOf<"channel.send">, "to" | "text" | "attachments">,
  ): Promise<ResultOf<"channel.send">>;
}

export function createWebchat(deps: { db: Database; events: Events; ids: MakeId; clock: Clock }): Webchat {
  const { db, events, ids, clock } = deps;
  const id = "webchat";
  const view = (): Channel => ({
    id,
    name: "WebChat",
    enabled: true,
    status: "connected",
    lastError: null,
    since: null,
    capabilities: ["text", "media"],
  });

  return {
    id,
    view,
    status: () => ({ ...view(), ...trafficOf([]), accounts: [] }),
    async send({ to, text = "", attachments }) {
      if (attachments?.length) {
        throw new GatewayError("invalid_request", "WebChat takes text only. Leave attachments out.", {
          param: "attachments",
        });
      }
      if (text.trim() === "") {
        throw new GatewayError("invalid_request", "There is nothing to send: give text.", { param: "text" });
      }
      const messageId = ids("msg");
      const now = clock.now();
      const session = await db.write(async (tx) => {
        const found = await findSession(tx, to);
        if (!found) {
          throw new GatewayError("not_found", `There is no session "${to}": to a WebChat is a sessionKey.`, {
            param: "to",
          });
        }
        const message = {
          sessionId: found.id,
          id: messageId,
          runId: "",
          role: "assistant",
          content: text,
        } as const;
        await insertMessage(tx, { ...message, now });
        return findSession(tx, to);
      });
      if (session) {
        const data = { sessionKey: to, reason: "message", session: sessionView(session) } as const;
        events.publish({ type: "session.updated", data });
      }
      return { messageId, status: "sent" };
    },
  };
}
