import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseAst } from "rolldown/parseAst";

/** One mention of another module: a static or type import, a re-export, or `import()`. */
export interface Import {
  specifier: string;
  /** Where a relative specifier leads, from the root with `/`; undefined for packages. */
  target: string | undefined;
  lazy: boolean;
  typeOnly: boolean;
}

export interface SourceFile {
  /** From the root, with `/`. */
  path: string;
  folder: string;
  lines: number;
  imports: Import[];
  readsEnvironment: boolean;
}

interface Node {
  type: string;
  [key: string]: unknown;
}

/** Every TypeScript file under the folder, parsed; paths are relative to `root`. An absent folder holds none. */
export function readSourceFiles(root: string, folder: string): SourceFile[] {
  const start = join(root, folder);
  if (!existsSync(start)) return [];
  return readdirSync(start, { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.parentPath.includes("node_modules"),
    )
    .map((entry) => slashed(relative(root, join(entry.parentPath, entry.name))))
    .sort()
    .map((path) => readSourceFile(root, path));
}

function readSourceFile(root: string, path: string): SourceFile {
  const text = readFileSync(join(root, path), "utf8");
  const imports: Import[] = [];
  let readsEnvironment = false;
  visit(parseAst(text, { lang: path.endsWith("x") ? "tsx" : "ts" }, path), (node) => {
    readsEnvironment ||= isEnvironment(node);
    const specifier = moduleOf(node);
    if (specifier === undefined) return;
    const target = specifier.startsWith(".") ? slashed(join(dirname(path), specifier)) : undefined;
    imports.push({ specifier, target, lazy: node.type === "ImportExpression", typeOnly: isTypeOnly(node) });
  });
  return { path, folder: dirname(path), lines: text.split("\n").length - 1, imports, readsEnvironment };
}

function moduleOf(node: Node): string | undefined {
  const naming = /^(ImportDeclaration|ImportExpression|Export(All|Named)Declaration|TSImportType)$/;
  if (!naming.test(node.type) || !isNode(node.source)) return undefined;
  return typeof node.source.value === "string" ? node.source.value : undefined;
}

function isTypeOnly(node: Node): boolean {
  if (node.type === "TSImportType" || node.importKind === "type" || node.exportKind === "type") return true;
  const names = Array.isArray(node.specifiers) ? node.specifiers : [];
  return (
    names.length > 0 && names.every((name: Node) => name.importKind === "type" || name.exportKind === "type")
  );
}

/** `process.env`, or `env` imported from `node:process`. */
function isEnvironment(node: Node): boolean {
  if (node.type === "ImportDeclaration" && /^(node:)?process$/.test(moduleOf(node) ?? "")) {
    return Array.isArray(node.specifiers) && node.specifiers.some((it: Node) => named(it.imported, "env"));
  }
  return node.type === "MemberExpression" && named(node.object, "process") && named(node.property, "env");
}

function named(value: unknown, name: string): boolean {
  return isNode(value) && value.type === "Identifier" && value.name === name;
}

function visit(value: unknown, see: (node: Node) => void): void {
  if (Array.isArray(value)) for (const item of value) visit(item, see);
  else if (isNode(value)) {
    see(value);
    for (const child of Object.values(value)) if (typeof child === "object") visit(child, see);
  }
}

function isNode(value: unknown): value is Node {
  return value !== null && typeof value === "object" && "type" in value;
}

function slashed(path: string): string {
  return path.replaceAll("\\", "/");
}
