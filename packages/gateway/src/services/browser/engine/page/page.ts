import { GatewayError } from "../../../../lib/errors.ts";
import type { PageWork } from "../base/parts.ts";
import { redact } from "../base/redact.ts";
import type { Tab } from "../base/tab.ts";
import { act, targetFor } from "./actions.ts";
import { evaluate } from "./evaluate.ts";
import { inspect } from "./sensitive.ts";
import { createSnapshots } from "./snapshot.ts";

/** Reading a page and acting on it. No text that leaves here, errors included, holds a secret that was typed in the tab. */
export function createPageWork({ now }: { now: () => number }): PageWork {
  const snapshot = createSnapshots({ now });
  return {
    snapshot: (tab, wish, doing) => clean(tab, () => snapshot(tab, wish, doing)),
    inspect: (tab, action, doing) =>
      clean(tab, async () => {
        tab.title = await tab.page.title();
        return inspect(tab, action, await targetFor(tab, action, doing), doing);
      }),
    act: (tab, action, options, doing) =>
      clean(tab, async () => redact(await act(tab, action, options, doing), tab.secrets)),
    evaluate: (tab, expression, doing) => clean(tab, () => evaluate(tab, expression, doing)),
  };
}

async function clean<T>(tab: Tab, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof GatewayError) || tab.secrets.size === 0) throw thrown;
    const message = redact(thrown.message, tab.secrets);
    throw message === thrown.message
      ? thrown
      : new GatewayError(thrown.code, message, { param: thrown.param });
  }
}
