import type { Compilable, CompiledQuery } from "kysely";
import type { Reader, Tx } from "./database.ts";

type Value = string | number | null;

/** Stands in a statement for a value that is given when it is run. */
class Hole {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * A statement for what is done at every message. Kysely builds it once, at its first use: to build it again each time
 * takes longer than SQLite takes to run it. `build` must make the same SQL of whatever values it is given.
 */
export function statement<Given extends Record<string, Value>, Row>(
  build: (db: Reader, given: Given) => Compilable<Row>,
): (db: Reader | Tx, given: Given) => Promise<Row[]> {
  let built: CompiledQuery<Row> | undefined;

  return async (db, given) => {
    built ??= build(db, holesFor(given)).compile();
    const parameters = built.parameters.map((it) => (it instanceof Hole ? given[it.name] : it));
    return (await db.executeQuery<Row>({ ...built, parameters })).rows;
  };
}

function holesFor<Given extends Record<string, Value>>(given: Given): Given {
  const holes = Object.keys(given).map((name) => [name, new Hole(name)]);
  return Object.fromEntries(holes) as Given; // Kysely hands values on as they are, whatever they are
}
