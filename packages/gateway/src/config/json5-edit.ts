import { type Json5Member, type Json5Node, scanJson5 } from "./json5-scan.ts";

/** What is to stand at a path; undefined: nothing any more. An array's length as the last step appends to it. */
export interface Json5Edit {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/**
 * The text with one value put in, replaced or taken out, and everything else as it was: comments, order, quotes.
 * The text must be valid JSON5 with an object in it. It is a matter of text: whether the result means what was meant,
 * the caller has to check.
 */
export function editJson5(text: string, { path, value }: Json5Edit): string {
  const root = scanJson5(text);
  const style: Style = {
    text,
    eol: text.includes("\r\n") ? "\r\n" : "\n",
    unit: unitOf(text, root),
    bare: usesBareKeys(root),
  };
  let node = root;
  let holder: { node: Container; member: Json5Member } | undefined;
  for (const [depth, step] of path.entries()) {
    if (node.type === "scalar") return splice(text, node, nested(path.slice(depth), value), style);
    // Of a key that stands there twice the last one counts.
    const member = node.members.findLast((it) => it.step === step);
    if (!member) {
      return value === undefined ? text : insert(node, step, nested(path.slice(depth + 1), value), style);
    }
    holder = { node, member };
    node = member.value;
  }
  if (value !== undefined || !holder) return splice(text, node, value, style);
  return remove(text, holder.node, holder.member);
}

type Container = Exclude<Json5Node, { type: "scalar" }>;

interface Style {
  text: string;
  eol: string;
  /** What one level is indented by. */
  unit: string;
  /** Whether keys go without quotes where they may. */
  bare: boolean;
}

/** The value as it stands at the end of a path that is not there yet. */
function nested(path: readonly (string | number)[], value: unknown): unknown {
  return path.reduceRight<unknown>(
    (inner, step) => (typeof step === "number" ? [inner] : { [step]: inner }),
    value,
  );
}

function splice(text: string, { start, end }: Json5Node, value: unknown, style: Style): string {
  return text.slice(0, start) + written(value, indentAt(text, start), style) + text.slice(end);
}

function insert(container: Container, step: string | number, value: unknown, style: Style): string {
  const { text, eol, unit } = style;
  const close = container.end - 1;
  const last = container.members.at(-1);
  let at = close;
  while (text[at - 1] === " " || text[at - 1] === "\t") at -= 1;
  const isOnOwnLine = text[at - 1] === "\n";
  const outer = indentAt(text, container.start);
  const spread = isOnOwnLine || !last;
  const indent = !spread ? undefined : last ? indentAt(text, last.start) : outer + unit;
  const label = typeof step === "number" ? "" : `${keyText(step, style)}: `;
  const member = label + written(value, indent, style);
  const head = last && last.comma === undefined ? `${text.slice(0, last.value.end)},` : "";
  const before = head ? head + text.slice(last!.value.end, at) : text.slice(0, at); // a head is made of the last one
  if (isOnOwnLine) {
    const comma = last?.comma === undefined ? "" : ",";
    return `${before}${indent}${member}${comma}${eol}${text.slice(at)}`;
  }
  if (spread) return `${before}${eol}${indent}${member}${eol}${outer}${text.slice(close)}`;
  return `${before} ${member}${text.slice(at)}`;
}

/** Takes a member out with its comma, and its line where nothing else is on it. Comments stay. */
function remove(text: string, container: Container, member: Json5Member): string {
  const index = container.members.indexOf(member);
  const before = container.members[index - 1];
  const isLast = index === container.members.length - 1;
  const end = member.comma === undefined ? member.value.end : member.comma + 1;
  let from = member.start;
  let to = end;
  while (text[from - 1] === " " || text[from - 1] === "\t") from -= 1;
  const startsLine = text[from - 1] === "\n";
  const line = startsLine ? /^[ \t]*\r?\n/.exec(text.slice(end)) : null;
  if (line) to += line[0].length;
  else if (startsLine) from = member.start;
  else if (index === 0 && from === member.start) while (text[to] === " ") to += 1;
  // The comma before the last one would be left without a sense, and in plain JSON it is an error.
  const spare = isLast && member.comma === undefined ? before?.comma : undefined;
  const kept = spare === undefined ? text.slice(0, from) : text.slice(0, spare) + text.slice(spare + 1, from);
  return kept + text.slice(to);
}

/** On lines of its own at an indent; without one on a single line. */
function written(value: unknown, indent: string | undefined, style: Style): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const isArray = Array.isArray(value);
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  const [open, close] = isArray ? ["[", "]"] : ["{", "}"];
  if (entries.length === 0) return open + close;
  const isFlat = isArray && value.every((inner) => inner === null || typeof inner !== "object");
  const inner = indent === undefined || isFlat ? undefined : indent + style.unit;
  const parts = entries.map(([key, it]) => {
    const text = written(it, inner, style);
    return isArray ? text : `${keyText(key, style)}: ${text}`;
  });
  if (inner !== undefined) {
    const lines = parts.map((part) => inner + part).join(`,${style.eol}`);
    return `${open}${style.eol}${lines}${style.eol}${indent}${close}`;
  }
  return isArray ? `[${parts.join(", ")}]` : `{ ${parts.join(", ")} }`;
}

function keyText(key: string, style: Style): string {
  return style.bare && /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}

/** The blanks that the line of a place begins with. */
function indentAt(text: string, at: number): string {
  const line = text.lastIndexOf("\n", at - 1) + 1;
  return /^[ \t]*/.exec(text.slice(line, at))![0]; // matches always
}

/** What the first member that stands on a line of its own is indented by. */
function unitOf(text: string, root: Json5Node): string {
  const first = root.type === "scalar" ? undefined : root.members[0];
  return (first && indentAt(text, first.start)) || "  ";
}

function usesBareKeys(node: Json5Node): boolean {
  if (node.type === "scalar") return false;
  return node.members.some((it) => (node.type === "object" && it.bare) || usesBareKeys(it.value));
}
