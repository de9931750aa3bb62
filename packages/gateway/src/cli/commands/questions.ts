import type { ApprovalRequestedData, ApprovalResolvedData, OpenClawClient } from "openclaw-client";
import { answerMs } from "../connect.ts";
import type { Context } from "../context.ts";
import { plain } from "../plain.ts";

type Decision = ApprovalResolvedData["decision"];

const meanings: Readonly<Record<string, Decision>> = {
  y: "allow",
  yes: "allow",
  a: "always",
  always: "always",
};

/** Questions of a run about its calls, put to whoever sits at the terminal, one after the other. */
export interface Questions {
  /** Says what would run and asks; where nobody sits there, it says how else to answer. */
  ask(approval: ApprovalRequestedData): void;
  /** It was decided, here or elsewhere, and is asked no more. */
  close(resolved: ApprovalResolvedData): void;
}

export function createQuestions(
  context: Context,
  client: OpenClawClient,
  say: (text: string) => void,
): Questions {
  const { ask, program } = context.terminal;
  const open = new Map<string, AbortController>();
  let last: Promise<unknown> = Promise.resolve();

  async function put(approval: ApprovalRequestedData, signal: AbortSignal): Promise<void> {
    if (signal.aborted || !ask) return;
    const always = approval.canAlways ? ", [a]lways" : "";
    const answer = await ask(`Allow it? [y]es${always}, [N]o: `, { signal });
    const wish = meanings[answer.trim().toLowerCase()] ?? "deny";
    const decision = wish === "always" && !approval.canAlways ? "allow" : wish;
    await client.approvals.resolve(approval.approvalId, decision, { timeoutMs: answerMs });
  }

  return {
    ask(approval) {
      say(`\n? ${whatWouldRun(approval)}\n`);
      const { approvalId } = approval;
      if (!ask) {
        say(
          `  To answer: ${program} approvals allow ${approvalId}, or ${program} approvals deny ${approvalId}`,
        );
        return;
      }
      const controller = new AbortController();
      open.set(approvalId, controller);
      const signal = AbortSignal.any([controller.signal, context.signal]);
      last = last
        .then(() => put(approval, signal))
        .catch((error: unknown) => {
          if (!signal.aborted)
            say(`\nNot answered: ${error instanceof Error ? error.message : String(error)}\n`);
        });
    },
    close({ approvalId, decision, reason }) {
      open.get(approvalId)?.abort();
      open.delete(approvalId);
      const said = { allow: "allowed", always: "allowed for good", deny: "denied" }[decision];
      say(`\n  ${said}${reason === undefined ? "" : `: ${plain(reason)}`}`);
    },
  };
}

function whatWouldRun({ tool, params, facts, reasons }: ApprovalRequestedData): string {
  const shown = facts ?? params;
  const lines =
    typeof shown === "object" && shown !== null
      ? Object.entries(shown).map(([name, value]) => `  ${name}: ${plain(JSON.stringify(value) ?? "")}`)
      : [`  ${plain(JSON.stringify(shown) ?? "")}`];
  return [`${plain(tool)} waits for your word (${plain(reasons.join(", "))}). It would be:`, ...lines].join(
    "\n",
  );
}
