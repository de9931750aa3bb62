import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = new URL("..", import.meta.url).pathname;
const packages = ["protocol", "client", "gateway"];

const args = process.argv.slice(2);
const publish = args.includes("--publish");
const version = args.find((arg) => !arg.startsWith("--"));

if (!version || !/^\d{4}\.([1-9]|1[0-2])\.\d+$/.test(version)) {
  console.error("Usage: npm run release -- YYYY.M.PATCH [--publish]");
  process.exit(1);
}
if (run("git", "status", "--porcelain").trim()) {
  console.error("The working tree has changes. Commit them first: a release is made of what is committed.");
  process.exit(1);
}

for (const script of ["check", "test"]) show("npm", "run", script);
for (const folder of [".", ...packages.map((name) => `packages/${name}`)]) setVersion(folder, version);
show("npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund");
show("npm", "run", "build");
for (const name of packages) {
  const workspace = `--workspace=packages/${name}`;
  // The licence goes with every copy, and stands in the repository once.
  const licence = join(root, "packages", name, "LICENSE");
  copyFileSync(join(root, "LICENSE"), licence);
  try {
    show("npx", "publint", "--strict", `packages/${name}`);
    show("npm", ...(publish ? ["publish"] : ["pack", "--dry-run"]), workspace);
  } finally {
    rmSync(licence);
  }
}
console.log(
  publish
    ? `Published ${version}. Commit the version, tag it v${version} and push.`
    : `${version} is ready and nothing was published: look at it, then run this again with --publish.`,
);

/** Sets a package's version, and that of its siblings where it depends on them. */
function setVersion(folder: string, to: string): void {
  const path = join(root, folder, "package.json");
  const content = readFileSync(path, "utf8")
    .replace(/^( {2}"version": )"[^"]*"/m, `$1"${to}"`)
    .replace(/("openclaw-(?:protocol|client)": )"[^"]*"/g, `$1"^${to}"`);
  writeFileSync(path, content);
}

function run(program: string, ...rest: string[]): string {
  return execFileSync(program, rest, { cwd: root, encoding: "utf8" });
}

function show(program: string, ...rest: string[]): void {
  console.log(`> ${program} ${rest.join(" ")}`);
  execFileSync(program, rest, { cwd: root, stdio: "inherit" });
}
