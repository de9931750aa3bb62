import { styleText } from "node:util";

/** Something to write text, or a file's bytes, to: a stream, or a test's list of lines. */
export interface Sink {
  write(text: string | Uint8Array): unknown;
  readonly isTTY?: boolean | undefined;
}

/** Where signals come from: the process, or a test's emitter. */
export interface SignalSource {
  on(signal: string, listener: () => void): unknown;
  removeListener(signal: string, listener: () => void): unknown;
}

/** Everything that a command sees of the world around it. */
export interface Terminal {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string;
  readonly signals: SignalSource;
  /** Asks whoever sits at it and gives the answer; undefined: nobody does. */
  ask?(question: string, options: { signal: AbortSignal }): Promise<string>;
  /** What users type to reach this program: `openclaw`, or `npx openclaw` in a checkout. */
  readonly program: string;
  /** Ends the process at once. */
  exit(code: number): void;
}

type Style = "bold" | "dim" | "red" | "green" | "yellow";

/** The text styled where a person watches the sink and has not set `NO_COLOR`. */
export function styled(terminal: Terminal, sink: Sink, style: Style, text: string): string {
  const plain = !sink.isTTY || Boolean(terminal.env.NO_COLOR);
  return plain ? text : styleText(style, text, { validateStream: false });
}
