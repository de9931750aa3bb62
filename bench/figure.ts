/** One measured value of the gateway, with what it is compared to. */
export interface Figure {
  readonly name: string;
  readonly unit: "ms" | "µs" | "MB" | "kB" | "count";
  readonly gateway: number;
  /** The same of the model without a proxy, and of the byte pipe, where that means something. */
  readonly direct?: number;
  readonly pipe?: number;
  /** The gateway's own value for a chat completion that is handed on as it is. */
  readonly handedOn?: number;
  readonly target?: Target;
}

interface Target {
  /** What is judged: the gateway's value itself, times the pipe's, what it adds to the direct one, or times the one handed on. */
  readonly of: "value" | "ratio" | "added" | "handedOn";
  readonly atMost: number;
}

/** Gateway over pipe; undefined without a pipe, or where the pipe has nothing to compare to. */
export function ratioOf({ gateway, pipe }: Figure): number | undefined {
  return pipe === undefined || pipe === 0 ? undefined : gateway / pipe;
}

/** What the gateway adds; undefined where there is no direct value. */
export function addedOf({ gateway, direct }: Figure): number | undefined {
  return direct === undefined ? undefined : gateway - direct;
}

/** The value over that of a completion that is handed on. */
export function overHandedOn({ gateway, handedOn }: Figure): number | undefined {
  return handedOn === undefined || handedOn === 0 ? undefined : gateway / handedOn;
}

/** Whether the target is met; undefined where there is none. */
export function isMet(figure: Figure): boolean | undefined {
  if (!figure.target) return undefined;
  const judged = {
    value: figure.gateway,
    ratio: ratioOf(figure),
    added: addedOf(figure),
    handedOn: overHandedOn(figure),
  }[figure.target.of];
  return judged !== undefined && judged <= figure.target.atMost;
}
