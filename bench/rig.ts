import { fileURLToPath } from "node:url";
import { type Home, makeHome, startGateway } from "./gateway.ts";
import { type Client, createClient } from "./load.ts";
import { type Server, startServer } from "./server.ts";

/** A server under test with a caller that is connected to it. */
export interface Subject extends Server {
  readonly client: Client;
}

/** What each figure is measured on, side by side. */
export interface Rig {
  /** The model itself: no proxy at all. */
  readonly direct: Subject;
  readonly pipe: Subject;
  readonly gateway: Subject;
  /** Further servers, for measures that need one that has done nothing yet. */
  startPipe(): Promise<Server>;
  startGateway(home: Home): Promise<Server>;
  newHome(): Home;
  stop(): Promise<void>;
}

/** Starts the fake model, the pipe and the gateway, each as a process. */
export async function startRig(entry: string): Promise<Rig> {
  const homes: Home[] = [];
  const started: Server[] = [];
  const newHome = () => {
    const home = makeHome(model.port);
    homes.push(home);
    return home;
  };
  const keep = async (starting: Promise<Server>): Promise<Subject> => {
    const server = await starting;
    started.push(server);
    return { ...server, client: createClient(server.port) };
  };
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((it) => it.stop()));
    for (const home of homes) home.remove();
  };

  const model = await startServer([script("fake-model.ts")]);
  started.push(model);
  try {
    const startPipe = () => startServer([script("byte-pipe.js"), String(model.port)]);
    const pipe = await keep(startPipe());
    const gateway = await keep(startGateway(entry, newHome()));
    const direct = { ...model, client: createClient(model.port) };
    return {
      direct,
      pipe,
      gateway,
      startPipe,
      startGateway: (home) => startGateway(entry, home),
      newHome,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function script(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
