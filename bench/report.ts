import { addedOf, type Figure, isMet, overHandedOn, ratioOf } from "./figure.ts";

const columns = [
  "figure",
  "direct",
  "pipe",
  "gateway",
  "× pipe",
  "× handed on",
  "added",
  "target",
  "",
] as const;

/** The figures as a table for people. */
export function table(figures: readonly Figure[]): string {
  const rows = [[...columns], ...figures.map(rowOf)];
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The figures for programs. */
export function document(figures: readonly Figure[]): string {
  const all = figures.map((it) => ({ ...it, ratio: ratioOf(it), added: addedOf(it), met: isMet(it) }));
  return JSON.stringify({ node: process.version, platform: process.platform, figures: all }, null, 2);
}

function rowOf(figure: Figure): string[] {
  const { name, unit, direct, pipe, gateway, target } = figure;
  const met = isMet(figure);
  const suffix = unit === "count" ? "" : ` ${unit}`;
  return [
    name,
    shown(direct, suffix),
    shown(pipe, suffix),
    shown(gateway, suffix),
    shown(ratioOf(figure), ""),
    shown(overHandedOn(figure), ""),
    shown(addedOf(figure), suffix),
    target === undefined
      ? ""
      : `${{ value: "", ratio: "× ", added: "+ ", handedOn: "× " }[target.of]}≤ ${target.atMost}`,
    met === undefined ? "" : met ? "pass" : "miss",
  ];
}

function shown(value: number | undefined, suffix: string): string {
  if (value === undefined) return "";
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return `${value.toFixed(digits)}${suffix}`;
}
