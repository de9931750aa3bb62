import type { AgentsConfig } from "openclaw-protocol";
import { type Clock, isoTime } from "../lib/clock.ts";
import { GatewayError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { ModelFacts } from "../runtime/models/types.ts";
import type { Database } from "../storage/database.ts";
import { addSpending, spentOn } from "../storage/spending.ts";

/** Which budgets a call draws on, beside its model's own. Limits are USD per day. */
export interface Spender {
  /** The agent that asks; none for a call straight to a model. */
  agentId?: string | undefined;
  agentLimit?: number | undefined;
  /** Names the credential, as in `Caller`. */
  callerId: string;
  tokenLimit?: number | undefined;
}

/** What budgets must know of a model. */
export interface PricedModel {
  readonly id: string;
  readonly price: "none" | "known" | "unknown";
  readonly facts: Pick<ModelFacts, "cost">;
}

/** How large a call is thought to be, in tokens. */
export interface CallSize {
  promptTokens: number;
  completionTokens: number;
}

/** Money set aside for a call that is under way. Every reservation must be settled, once. */
export interface Reservation {
  /** Gives it back and books what the call really cost, USD. */
  settle(cost: number): void;
}

export interface Budgets {
  /**
   * Sets money aside for one call; undefined where no budget applies. Throws `budget_exceeded` where one has nothing
   * left: what is spent and what other calls have set aside reach its limit. So one call at most goes over, by what
   * it costs more than was thought. `size` is only asked for where a budget applies.
   */
  reserve(spender: Spender, model: PricedModel, size: () => CallSize): Reservation | undefined;
}

export interface BudgetsDeps {
  db: Database;
  /** The owner's limits of single models. */
  models: AgentsConfig["defaults"]["models"];
  clock: Clock;
  log: Log;
}

interface Budget {
  /** Its name in the table. */
  readonly name: string;
  /** Its name in sentences. */
  readonly label: string;
  readonly limit: number;
  /** Where the limit is set. */
  readonly place: string;
}

const dayMs = 24 * 60 * 60 * 1000;

/** Daily budgets (UTC) of models, agents and tokens. What was spent today is read once, then kept up to date. */
export async function createBudgets({ db, models, clock, log }: BudgetsDeps): Promise<Budgets> {
  let today = dayOf(clock.now());
  let spent = await spentOn(db.read, today);
  const aside = new Map<string, number>();

  /** At midnight the spending begins anew; what is set aside stays, for its calls still go on. */
  function turnPage(): void {
    const day = dayOf(clock.now());
    if (day <= today) return; // a clock that was set back makes no money
    today = day;
    spent = new Map();
  }

  function setAside(budgets: readonly Budget[], amount: number): void {
    for (const { name } of budgets) {
      const sum = (aside.get(name) ?? 0) + amount;
      // Sums of fractions never come back to exactly nothing.
      if (sum > 1e-12) aside.set(name, sum);
      else aside.delete(name);
    }
  }

  function book(budgets: readonly Budget[], cost: number): void {
    if (!(cost > 0)) return;
    turnPage();
    const day = today;
    for (const { name } of budgets) spent.set(name, (spent.get(name) ?? 0) + cost);
    // Not waited for: writes keep their order, so the end of the run that follows is never on disk without this.
    db.write(async (tx) => {
      for (const { name } of budgets) await addSpending(tx, day, name, cost);
    }).catch((error: unknown) => log.error({ err: error }, "spending could not be stored"));
  }

  return {
    reserve(spender, model, size) {
      if (model.price === "none") return undefined;
      const budgets = budgetsOf(spender, model.id, models);
      if (budgets === undefined) return undefined;
      if (model.price === "unknown") throw unknownPrice(budgets[0]!, model.id);
      turnPage();
      for (const budget of budgets) {
        const used = spent.get(budget.name) ?? 0;
        const held = aside.get(budget.name) ?? 0;
        if (used + held >= budget.limit) throw usedUp(budget, used, held, today);
      }
      const { promptTokens, completionTokens } = size();
      const { input, output } = model.facts.cost;
      const amount = (promptTokens * input + completionTokens * output) / 1_000_000;
      setAside(budgets, amount);
      let settled = false;
      return {
        settle(cost) {
          if (settled) return;
          settled = true;
          setAside(budgets, -amount);
          book(budgets, cost);
        },
      };
    },
  };
}

function budgetsOf(
  { agentId, agentLimit, callerId, tokenLimit }: Spender,
  model: string,
  models: BudgetsDeps["models"],
): Budget[] | undefined {
  const modelLimit = models[model]?.maxCostPerDay;
  if (modelLimit === undefined && agentLimit === undefined && tokenLimit === undefined) return undefined;
  const budgets: Budget[] = [];
  if (modelLimit !== undefined) {
    const place = `agents.defaults.models["${model}"].maxCostPerDay`;
    budgets.push({ name: `model:${model}`, label: `model ${model}`, limit: modelLimit, place });
  }
  if (agentLimit !== undefined && agentId !== undefined) {
    const place = "maxCostPerDay of the agent";
    budgets.push({ name: `agent:${agentId}`, label: `agent ${agentId}`, limit: agentLimit, place });
  }
  if (tokenLimit !== undefined) {
    const place = "limits.maxCostPerDay of a new token";
    budgets.push({ name: callerId, label: "token", limit: tokenLimit, place });
  }
  return budgets.length > 0 ? budgets : undefined;
}

function usedUp({ label, limit, place }: Budget, used: number, held: number, day: string): GatewayError {
  const reset = isoTime(Date.parse(day) + dayMs);
  const underWay = held > 0 ? `, ${dollars(held)} set aside for calls under way` : "";
  return new GatewayError(
    "budget_exceeded",
    `The budget of the ${label} is used up: ${dollars(used)} of ${dollars(limit)} spent today${underWay}. ` +
      `It begins anew at ${reset}. Use a model that costs nothing, wait, or raise ${place}.`,
    { param: "budget" },
  );
}

function unknownPrice({ label }: Budget, model: string): GatewayError {
  return new GatewayError(
    "budget_exceeded",
    `The ${label} has a budget, and what ${model} costs is not known, so it cannot be kept. ` +
      "Set the model's cost in models.providers, or use another model.",
    { param: "budget" },
  );
}

/** With cents, and with as many more digits as a small sum needs to be told from nothing. */
function dollars(amount: number): string {
  return `$${amount > 0 && amount < 0.01 ? amount.toPrecision(2) : amount.toFixed(2)}`;
}

/** The day of a moment, `YYYY-MM-DD` in UTC. */
function dayOf(ms: number): string {
  return isoTime(ms).slice(0, 10);
}
