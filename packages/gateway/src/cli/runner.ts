import type { Command } from "commander";
import type { Context, GlobalOptions, Output } from "./context.ts";
import { describeFailure, exitCodes, type Failure } from "./exit-codes.ts";
import { styled, type Terminal } from "./terminal.ts";

/** A command's own options, as typed. */
export type Options = Readonly<Record<string, string | undefined>>;

/**
 * A command: its options, then its arguments, empty where none was given; `rest` are those of which there may be any
 * number. Without a result it has spoken itself.
 */
type Work<O> = (
  context: Context,
  options: O,
  argument: string,
  second: string,
  rest: readonly string[],
) => Promise<Output | undefined>;

/** Makes a commander action of a command. `O`: its options, where one may be given several times. */
export type Act = <O extends object = Options>(
  work: Work<O>,
  how?: { ownSignals: boolean },
) => (...args: unknown[]) => Promise<void>;

export interface Runner {
  act: Act;
  /** How the command went. */
  exitCode(): number;
  /** Tells a failure and returns its exit code. */
  fail(error: unknown): Promise<number>;
  /** Tells what was wrong with the command line, and returns the exit code. */
  misused(message: string): number;
}

/** Runs commands: prints what they return, tells how they failed, and turns Ctrl+C into their signal. */
export function createRunner(terminal: Terminal, json: boolean): Runner {
  let exitCode: number = exitCodes.ok;

  const act: Act =
    <O extends object = Options>(work: Work<O>, { ownSignals } = { ownSignals: false }) =>
    async (...args: unknown[]) => {
      const command = args.at(-1) as Command; // commander passes the arguments, the options, the command
      const [argument = "", second = ""] = args.slice(0, -2).map((it) => (typeof it === "string" ? it : ""));
      const interrupt = new AbortController();
      const stop = () => interrupt.abort(new DOMException("Interrupted", "AbortError"));
      if (!ownSignals) terminal.signals.on("SIGINT", stop);
      try {
        const context = {
          terminal,
          options: command.optsWithGlobals<GlobalOptions>(),
          signal: interrupt.signal,
        };
        const rest = args.slice(0, -2).find((it): it is string[] => Array.isArray(it)) ?? [];
        const output = await work(context, command.opts<O>(), argument, second, rest);
        if (output) print(output);
      } catch (error) {
        exitCode = interrupt.signal.aborted ? interrupted() : await fail(error);
      } finally {
        terminal.signals.removeListener("SIGINT", stop);
      }
    };

  function print({ data, text, exitCode: code = exitCodes.ok }: Output): void {
    terminal.stdout.write(`${json ? JSON.stringify(data, null, 2) : text}\n`);
    exitCode = code;
  }

  function tell({ exitCode: code, error }: Failure): number {
    if (json) terminal.stdout.write(`${JSON.stringify({ ok: false, error }, null, 2)}\n`);
    else terminal.stderr.write(`${styled(terminal, terminal.stderr, "red", "Error:")} ${error.message}\n`);
    return code;
  }

  function interrupted(): number {
    // Who pressed Ctrl+C knows it; a program that reads JSON is owed its document.
    if (!json) return exitCodes.interrupted;
    return tell({
      exitCode: exitCodes.interrupted,
      error: { code: "interrupted", message: "Interrupted by Ctrl+C." },
    });
  }

  async function fail(error: unknown): Promise<number> {
    return tell(await describeFailure(error, terminal.program));
  }

  return {
    act,
    exitCode: () => exitCode,
    fail,
    misused: (text) => {
      const message = text
        .replace(/^error: /, "")
        .replace(/\s+/g, " ")
        .replace(/\.?$/, ".");
      return tell({
        exitCode: exitCodes.general,
        error: { code: "usage", message: `${message} See --help.` },
      });
    },
  };
}
