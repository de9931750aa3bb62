/** What is wrong with the configuration, one sentence per fault. The command line answers it with exit code 2. */
export class ConfigError extends Error {
  readonly exitCode = 2;

  constructor(faults: string | readonly string[], cause?: unknown) {
    super(
      typeof faults === "string" ? faults : faults.join("\n"),
      cause === undefined ? undefined : { cause },
    );
    this.name = "ConfigError";
  }
}
