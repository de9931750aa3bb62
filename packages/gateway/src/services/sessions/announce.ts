import type { Database } from "../../storage/database.ts";
import { findSession } from "../../storage/sessions.ts";
import type { Events } from "../events.ts";
import type { LiveRun } from "../runs/types.ts";
import { sessionView } from "./views.ts";

/** Tells listeners that a run has changed its session. Throw-away sessions are nobody's business. */
export function announceSession({ db, events }: { db: Pick<Database, "read">; events: Events }) {
  return (run: LiveRun, reason: "created" | "message"): void => {
    if (!run.listed || !events.hasListeners()) return;
    findSession(db.read, run.sessionKey)
      .then((row) => {
        if (!row) return;
        const data = { sessionKey: run.sessionKey, reason, session: sessionView(row) };
        events.publish({ type: "session.updated", data });
      })
      .catch(() => {}); // the database closes: there is nobody left to tell
  };
}
