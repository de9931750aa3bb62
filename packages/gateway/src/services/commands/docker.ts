import { GatewayError } from "../../lib/errors.ts";
import type { Enclosure } from "./bubblewrap.ts";

export interface Container extends Enclosure {
  /** The client, absolute. */
  readonly docker: string;
  /** The client's own settings: a folder that no command can write to. */
  readonly settings: string;
  readonly name: string;
  readonly image: string;
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
  readonly home: string;
  /** Names; their values are in the client's environment. */
  readonly variables: readonly string[];
  readonly stdin: boolean;
}

/**
 * The command line that runs a command in a container. All options are fixed here; of the model come the words of the
 * command alone, and these stand after the image. The image's entry point is set aside, so that what was looked at is
 * what runs.
 */
export function dockerArguments([program, ...rest]: readonly string[], container: Container): string[] {
  const { docker, settings, name, image, user, limits, layers, cwd, home } = container;
  return [
    ...[docker, "--config", settings, "run", "--rm", "--init", "--name", name],
    ...(container.stdin ? ["--interactive"] : []),
    ...(container.network ? [] : ["--network", "none"]),
    ...["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"],
    ...["--memory", String(limits.memoryBytes), "--memory-swap", String(limits.memoryBytes)],
    ...["--cpus", String(limits.cpus), "--pids-limit", String(limits.processes), "--ulimit", "core=0"],
    ...(user ? ["--user", `${user.uid}:${user.gid}`] : []),
    ...["--log-driver", "none", "--tmpfs", "/tmp:size=64m"],
    ...layers.flatMap((layer) => {
      if (layer.kind === "hide" || (layer.kind === "bar" && layer.folder)) {
        return ["--mount", `type=tmpfs,target=${plain(layer.path)},tmpfs-mode=0555`];
      }
      const source = layer.kind === "bar" ? "/dev/null" : plain(layer.path);
      const readOnly = layer.kind === "write" ? "" : ",readonly";
      return ["--mount", `type=bind,source=${source},target=${plain(layer.path)}${readOnly}`];
    }),
    ...["--workdir", cwd, "--env", `HOME=${home}`],
    ...container.variables.flatMap((it) => ["--env", it]),
    ...["--entrypoint", program ?? "", image, ...rest],
  ];
}

/** A path for docker's comma separated options. */
function plain(path: string): string {
  if (!/[",\r\n]/.test(path)) return path;
  throw new GatewayError(
    "invalid_request",
    "A folder whose name has a comma, a quote or a line break cannot be shown to a container.",
  );
}
