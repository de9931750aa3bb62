import assert from "node:assert/strict";
import { test } from "node:test";
import { configSchema } from "openclaw-protocol";
import { dockerArguments } from "../../src/services/commands/docker.ts";
import { limitsOf } from "../../src/services/commands/limits.ts";
import { launchOf } from "../../src/services/commands/plan.ts";

const limits = limitsOf(configSchema.parse({}).tools.codeExecution);
const container = {
  ...{
    docker: "/usr/bin/docker",
    settings: "/state/docker",
    name: "openclaw-1",
    image: "debian:stable-slim",
  },
  ...{ user: { uid: 1000, gid: 1000 }, limits, network: false, cwd: "/w/sub", home: "/w" },
  ...{ variables: ["LANG", "A"], stdin: false },
  layers: [
    { kind: "write", path: "/w" },
    { kind: "read", path: "/w/AGENTS.md" },
    { kind: "hide", path: "/w/.state" },
    { kind: "bar", path: "/w/SOUL.md", folder: false },
    { kind: "bar", path: "/w/skills", folder: true },
  ],
} as const;

test("a container gets no network, no rights, a read-only root and the limits of the config", () => {
  const words = dockerArguments(["sh", "-c", "id"], container);
  assert.deepEqual(words, [
    ...["/usr/bin/docker", "--config", "/state/docker", "run", "--rm", "--init", "--name", "openclaw-1"],
    ...["--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"],
    ...["--memory", "536870912", "--memory-swap", "536870912", "--cpus", "1", "--pids-limit", "256"],
    ...["--ulimit", "core=0", "--user", "1000:1000", "--log-driver", "none", "--tmpfs", "/tmp:size=64m"],
    ...["--mount", "type=bind,source=/w,target=/w"],
    ...["--mount", "type=bind,source=/w/AGENTS.md,target=/w/AGENTS.md,readonly"],
    ...["--mount", "type=tmpfs,target=/w/.state,tmpfs-mode=0555"],
    ...["--mount", "type=bind,source=/dev/null,target=/w/SOUL.md,readonly"],
    ...["--mount", "type=tmpfs,target=/w/skills,tmpfs-mode=0555"],
    ...["--workdir", "/w/sub", "--env", "HOME=/w", "--env", "LANG", "--env", "A"],
    ...["--entrypoint", "sh", "debian:stable-slim", "-c", "id"],
  ]);
});

test("words of the model cannot become options of the container", () => {
  const words = dockerArguments(["--privileged", "--network=host", "-v", "/:/host"], container);
  const image = words.indexOf("debian:stable-slim");
  assert.deepEqual(words.slice(image - 2), [
    ...["--entrypoint", "--privileged", "debian:stable-slim", "--network=host", "-v", "/:/host"],
  ]);
});

test("a folder's name cannot add to the mounts", () => {
  for (const path of ["/w,source=/", '/w"', "/w\n"]) {
    assert.throws(
      () => dockerArguments(["id"], { ...container, layers: [{ kind: "write", path }] }),
      /comma/,
    );
  }
});

test("the client of the container finds no settings in the workspace, and its container is killed with it", () => {
  const env = { HOME: "/w", PATH: "/usr/bin", PWD: "/w", A: "1", LANG: "C" };
  const backend = { kind: "docker", docker: "/usr/bin/docker", env: { DOCKER_HOST: "unix:///x" } } as const;
  const launch = launchOf(
    {
      ...{ argv: ["docker:image:id"], written: ["id"], env, workspace: "/w", cwd: "/w" },
      shelter: { backend, enclosure: container, image: "image", settings: "/state/docker" },
    },
    undefined,
    "openclaw-2",
  );
  assert.deepEqual(launch.env, { PATH: "/usr/bin", A: "1", LANG: "C", HOME: "/", DOCKER_HOST: "unix:///x" });
  assert.equal(launch.cwd, "/");
  assert.deepEqual(launch.container, { docker: "/usr/bin/docker", name: "openclaw-2" });
  assert.ok(!launch.argv.includes("DOCKER_HOST"));
});
