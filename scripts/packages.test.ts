import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { isBundleFresh } from "../packages/gateway/bin/bundle.js";

/** What is published, as whoever installs it would find it. */

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = join(root, "node_modules/.bin");
const run = promisify(execFile);

/** Files that may be published besides package.json, README.md and LICENSE. */
const wanted: Record<string, RegExp> = {
  protocol: /^dist\/[\w./-]+\.(js|d\.ts)$/,
  client: /^dist\/[\w.-]+\.(js|d\.ts)$/,
  gateway:
    /^(bin\/(openclaw|bundle)\.(js|d\.ts)|dist\/((index|plugin|browser-worker)\.js|chunks\/[\w.-]+\.js|THIRD-PARTY\.txt|sources\.sha256))$/,
};

const folder = mkdtempSync(join(tmpdir(), "openclaw-packages-"));
after(() => rmSync(folder, { recursive: true, force: true }));

for (const name of ["protocol", "client"]) {
  describe(`the package of ${name}`, () => {
    const published = `openclaw-${name}`;
    let tarball: string;
    before(async () => {
      tarball = await pack(await compiled(name));
    });

    test("holds what is compiled and what describes it, and nothing else", async () => {
      assert.deepEqual(await strange(tarball, name), []);
    });

    test("publint finds nothing to say about it", async () => {
      assert.deepEqual(await linted(join(folder, name)), []);
    });

    for (const [module, resolution] of [
      ["nodenext", "nodenext"],
      ["esnext", "bundler"],
    ]) {
      test(`has types that TypeScript finds and believes, resolving by ${resolution}`, async () => {
        const consumer = await install(tarball, published);
        const options = { module, moduleResolution: resolution, ...strictly };
        write(consumer, "tsconfig.json", JSON.stringify({ compilerOptions: options }));
        write(consumer, "index.ts", typed[name]!);
        await compile(["-p", consumer]).catch((error) => assert.fail(error.stdout));
      });
    }

    test("runs in Node.js without the sources' condition", async () => {
      const consumer = await install(tarball, published);
      write(consumer, "index.js", running[name]!);
      const { stdout } = await run(process.execPath, ["index.js"], { cwd: consumer });
      assert.equal(stdout, "fine\n");
    });
  });
}

const unbuilt = isBundleFresh() ? false : "the bundle is not that of the sources: npm run build";
describe("the package of the gateway", { skip: unbuilt }, () => {
  test("holds the launcher, the bundle and what describes them, and nothing else", async () => {
    const tarball = await pack(join(root, "packages/gateway"));
    assert.deepEqual(await strange(tarball, "gateway"), []);
    const consumer = await install(tarball, "openclaw");
    const args = ["node_modules/openclaw/bin/openclaw.js", "--version"];
    const { stdout } = await run(process.execPath, args, { cwd: consumer });
    assert.match(stdout, /\d{4}\.\d+\.\d+/);
  });

  test("publint finds nothing to say about it", async () => {
    assert.deepEqual(await linted(join(root, "packages/gateway")), []);
  });
});

/** A consumer that believes nothing: the packages' own declarations are checked as well. */
const strictly = {
  target: "es2022",
  lib: ["es2022", "dom", "dom.iterable", "dom.asynciterable"],
  types: [],
  strict: true,
  skipLibCheck: false,
  noEmit: true,
};

const typed: Record<string, string> = {
  protocol: `import { contract, errorTable, type MethodName } from "openclaw-protocol";
    const name: MethodName = "session.list";
    export const path: string = contract[name].http.path;
    export const status: number = errorTable.not_found.status;
    // @ts-expect-error There is no such method.
    export const wrong: MethodName = "session.lists";`,
  client: `import { isCode, OpenClawClient, type RunEvent } from "openclaw-client";
    const client = new OpenClawClient({ baseUrl: "http://127.0.0.1:1", token: "t" });
    export async function told(): Promise<string> {
      for await (const event of client.agent.stream({ message: "Hi" })) if (event.type === "delta") return event.data.delta;
      const run = await client.chat.run({ message: "Hi" });
      for await (const event of run) event satisfies RunEvent;
      return (await run.done).response;
    }
    // @ts-expect-error A message is needed.
    client.agent.run({}).catch((error: unknown) => isCode(error, "timeout") && error.retryAfterMs);`,
};

const running: Record<string, string> = {
  protocol: `import { contract } from "openclaw-protocol";
    if (contract["session.list"].http.path === "/v1/sessions") console.log("fine");`,
  client: `import { isCode, OpenClawClient } from "openclaw-client";
    const refused = () => new Response('{"error":{"code":"not_found","message":"","type":"client_error"}}', { status: 404 });
    const client = new OpenClawClient({ baseUrl: "http://127.0.0.1:1", fetch: async () => refused() });
    await client.sessions.get("s").catch((error) => isCode(error, "not_found") && console.log("fine"));`,
};

/** The package with its `dist` made of the sources as they are, and all else that must not be published beside it. */
async function compiled(name: string): Promise<string> {
  const from = join(root, "packages", name);
  const to = join(folder, name);
  cpSync(from, to, { recursive: true, filter: (path) => !/\/(dist|node_modules)$/.test(path) });
  await compile(["-p", join(from, "tsconfig.build.json"), "--outDir", join(to, "dist")]);
  return to;
}

/** TypeScript on one thread: several check what they share once each, which costs twice the work. */
const compile = (args: string[]) => run(join(bin, "tsc"), [...args, "--singleThreaded"]);

async function pack(from: string): Promise<string> {
  const args = ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder];
  const { stdout } = await run("npm", args, { cwd: from });
  return join(folder, stdout.trim());
}

/** What is in it and should not be. */
async function strange(tarball: string, name: string): Promise<string[]> {
  const { stdout } = await run("tar", ["-tzf", tarball]);
  const files = stdout
    .trim()
    .split("\n")
    .map((path) => path.replace("package/", ""));
  assert.ok(files.includes("package.json") && files.includes("dist/index.js"), stdout);
  const described = /^(package\.json|README\.md|LICENSE)$/;
  return files.filter((path) => !described.test(path) && !wanted[name]!.test(path));
}

async function linted(pkgDir: string): Promise<string[]> {
  const { messages, pkg } = await publint({ pkgDir, strict: true, pack: "npm" });
  return messages.map((message) => formatMessage(message, pkg!, { color: false }) ?? message.code);
}

let consumers = 0;

/** A project that has this package and what it depends on installed, and nothing else. */
async function install(tarball: string, published: string): Promise<string> {
  const consumer = join(folder, `consumer-${++consumers}`);
  const modules = join(consumer, "node_modules");
  mkdirSync(join(modules, published), { recursive: true });
  await run("tar", ["-xzf", tarball, "--strip-components=1", "-C", join(modules, published)]);
  const manifest = readFileSync(join(modules, published, "package.json"), "utf8");
  const { dependencies = {} } = JSON.parse(manifest) as { dependencies?: object };
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
  write(consumer, "package.json", '{ "type": "module" }');
  return consumer;
}

function write(consumer: string, name: string, text: string): void {
  writeFileSync(join(consumer, name), text);
}
