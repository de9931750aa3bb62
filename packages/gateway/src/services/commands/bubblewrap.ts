import { lstat, readlink } from "node:fs/promises";
import { type Limits, limited } from "./limits.ts";
import { type Layer, systemFolders } from "./visible.ts";

/** What this machine's bubblewrap and system look like. */
export interface Bubblewrap {
  /** Absolute. */
  readonly path: string;
  /** Options that came with later versions. */
  readonly options: ReadonlySet<string>;
  readonly system: readonly string[];
}

/** Of `/etc` what programs need to find their libraries, names and certificates; nothing that is anybody's secret. */
const settings = [
  ...[
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "alternatives",
    "passwd",
    "group",
    "nsswitch.conf",
    "hosts",
  ],
  ...["localtime", "timezone", "mime.types", "protocols", "services", "os-release", "fonts", "terminfo"],
  ...["ssl/certs", "ssl/openssl.cnf", "ca-certificates", "pki/ca-trust", "pki/tls/certs"],
];

/** How the system's folders are shown: links stay links. */
export async function systemArguments(): Promise<string[]> {
  const args: string[] = [];
  for (const folder of systemFolders) {
    const stats = await lstat(folder).catch(() => undefined);
    if (stats?.isSymbolicLink()) args.push("--symlink", await readlink(folder), folder);
    else if (stats?.isDirectory()) args.push("--ro-bind", folder, folder);
  }
  for (const name of settings) args.push("--ro-bind-try", `/etc/${name}`, `/etc/${name}`);
  return args;
}

export interface Enclosure {
  readonly layers: readonly Layer[];
  readonly limits: Limits;
  readonly network: boolean;
  readonly cwd: string;
}

/** Most bytes of each temporary folder, which is memory. */
const temporaryBytes = 64 * 1_024 ** 2;

/**
 * The command line that shuts a command in: namespaces of its own, no capabilities, a root of nothing but the system's
 * programs, read-only. Its environment is that which bubblewrap is started with, so that no value shows up in a
 * list of processes.
 *
 * There is no `--new-session` on purpose. The command has no terminal that it would have to be kept from, as `launch`
 * gives it a session of its own; and bubblewrap's inner process would leave the group a moment before it is bound to
 * die with the outer one: who is killed in this moment would leave it behind.
 */
export function bubblewrapArguments(
  { path, options, system }: Bubblewrap,
  argv: readonly string[],
  { layers, limits, network, cwd }: Enclosure,
): string[] {
  const temporary = (folder: string) => [
    ...(options.has("--size") ? ["--size", String(temporaryBytes)] : []),
    ...["--tmpfs", folder],
  ];
  return [
    path,
    "--unshare-all",
    ...(network ? ["--share-net"] : []),
    ...(options.has("--disable-userns") ? ["--unshare-user", "--disable-userns"] : []),
    ...["--die-with-parent", "--cap-drop", "ALL"],
    ...system,
    ...(network ? ["--ro-bind-try", "/etc/resolv.conf", "/etc/resolv.conf"] : []),
    ...["--proc", "/proc", "--dev", "/dev"],
    ...["/dev/shm", "/tmp", "/var/tmp"].flatMap(temporary),
    ...layers.flatMap(layerArguments),
    // Root without a single capability may still write to settings of the kernel in /proc/sys, those of the whole machine.
    ...["/proc", "/dev", "/"].flatMap((folder) => ["--remount-ro", folder]),
    ...["--chdir", cwd, "--"],
    ...limited(argv, limits),
  ];
}

function layerArguments(layer: Layer): string[] {
  const { kind, path } = layer;
  if (kind === "write") return ["--bind", path, path];
  if (kind === "read") return ["--ro-bind", path, path];
  if (kind === "bar" && !layer.folder) return ["--ro-bind", "/dev/null", path];
  return ["--tmpfs", path, "--remount-ro", path];
}
