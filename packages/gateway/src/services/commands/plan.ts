import { GatewayError } from "../../lib/errors.ts";
import { bubblewrapArguments, type Enclosure } from "./bubblewrap.ts";
import { dockerArguments } from "./docker.ts";
import type { Program } from "./executables.ts";
import type { Launch } from "./launch.ts";
import type { Backend } from "./sandbox.ts";
import { lies, systemFolders } from "./visible.ts";

/** A command worked out. */
export interface Plan {
  /** As whoever decides sees it. */
  readonly argv: readonly string[];
  /** As the model wrote it: a container has programs of its own. */
  readonly written: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workspace: string;
  readonly cwd: string;
  readonly shelter: Shelter | undefined;
}

export interface Shelter {
  readonly backend: Backend;
  readonly enclosure: Enclosure;
  readonly image: string;
  /** Of the docker client, see `Container.settings`. */
  readonly settings: string;
}

/** How a planned command is started. `name` is for its container. */
export function launchOf(plan: Plan, stdin: Launch["stdin"], name: string): Launch {
  const { argv, cwd, env, shelter } = plan;
  if (!shelter) return { argv, cwd, env, stdin };
  const { backend, enclosure } = shelter;
  if (backend.kind === "bubblewrap") {
    return { argv: bubblewrapArguments(backend.bubblewrap, argv, enclosure), cwd: "/", env, stdin };
  }
  const { docker } = backend;
  const { HOME: _home, PWD: _pwd, ...variables } = env;
  const words = dockerArguments(plan.written, {
    ...enclosure,
    docker,
    settings: shelter.settings,
    name,
    image: shelter.image,
    user: userOf(process),
    home: plan.workspace,
    variables: Object.keys(variables),
    stdin: stdin !== undefined,
  });
  // The client must not look for settings and plug-ins in the workspace, which is home to the command alone.
  const clientEnv = { ...variables, ...backend.env, HOME: "/" };
  return { argv: words, cwd: "/", env: clientEnv, stdin, container: { docker, name } };
}

/** A container writes the workspace's files as the gateway does. */
function userOf({ getuid, getgid }: Pick<NodeJS.Process, "getuid" | "getgid">) {
  return getuid && getgid ? { uid: getuid(), gid: getgid() } : undefined;
}

/** Throws `forbidden` for a program that lies where the sandbox shows nothing. */
export function demandVisible({ real, path }: Program, { layers }: Enclosure): void {
  const shown = layers.filter((it) => it.kind === "read" || it.kind === "write").map((it) => it.path);
  if ([...systemFolders, ...shown].some((folder) => lies(real, folder))) return;
  throw new GatewayError(
    "forbidden",
    `${path} is not visible in the sandbox: it leads out of the system's folders. The gateway's owner can show its folder by tools.codeExecution.allowedPaths.`,
    { param: "argv" },
  );
}
