import type { BrowserAction, BrowserConfig } from "openclaw-protocol";
import { GatewayError } from "../../lib/errors.ts";
import type { Trust } from "../../runtime/tools/types.ts";
import type { TypedSecret } from "./engine/base/types.ts";

/** The value that an action names; undefined: it names none. It goes to the engine and nowhere else. */
export function secretFor(
  action: BrowserAction,
  trust: Trust,
  secrets: BrowserConfig["secrets"],
): TypedSecret | undefined {
  if (action.kind !== "type" || action.secret === undefined) return undefined;
  if (trust === "guest") {
    throw new GatewayError("forbidden", "This run is not the owner's: it has no secrets.", {
      param: "action.secret",
    });
  }
  const name = action.secret;
  const found = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
  if (found) return { name, value: found.value, hosts: found.hosts };
  const names = Object.keys(secrets);
  throw new GatewayError(
    "not_found",
    `There is no secret ${JSON.stringify(name)}. ${names.length === 0 ? "None is set up; the owner can, under browser.secrets." : `There are: ${names.join(", ")}.`}`,
    { param: "action.secret" },
  );
}
