import type { Methods } from "openclaw-client";
import { connect } from "../connect.ts";
import type { Context, Output } from "../context.ts";
import { plain } from "../plain.ts";
import { none, table } from "../table.ts";
import { waiting } from "../waiting.ts";

type Profile = Methods["browser.profile.create"]["result"];

/** The profiles that there are. */
export async function list(context: Context): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call("browser.profiles", {}, waiting(context));
  return { data, text: rowsOf(data.profiles) };
}

/** Makes one. */
export async function create(context: Context, profile: string, color: string | undefined): Promise<Output> {
  const { client } = await connect(context);
  const params = { profile, ...(color !== undefined && { color }) };
  const data = await client.call("browser.profile.create", params, waiting(context));
  return { data, text: `Made the profile ${plain(data.name)}.` };
}

/** Forgets what one has kept. */
export async function reset(context: Context, profile: string): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call("browser.profile.reset", { profile }, waiting(context));
  return { data, text: `${plain(data.name)} is as new.` };
}

/** Deletes one. */
export async function remove(context: Context, profile: string): Promise<Output> {
  const { client } = await connect(context);
  const data = await client.call("browser.profile.delete", { profile }, waiting(context));
  const name = plain(data.profile);
  return { data, text: data.deleted ? `Deleted the profile ${name}.` : `There was no profile ${name}.` };
}

function rowsOf(profiles: readonly Profile[]): string {
  const rows = profiles.map((it) => [
    plain(it.name),
    it.running ? "running" : "at rest",
    it.remote ? "a browser that runs already" : it.persistent ? "kept" : "forgotten",
    String(it.tabs),
    it.color === null ? none : plain(it.color),
  ]);
  return table(["profile", "status", "what it holds", "tabs", "color"], rows);
}
