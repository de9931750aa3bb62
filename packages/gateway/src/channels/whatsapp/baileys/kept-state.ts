import type { AuthenticationCreds, AuthenticationState, SignalDataSet, SignalDataTypeMap } from "baileys";
import type { AccountState } from "../../types.ts";
import type { Baileys } from "./library.ts";

/** Under this key lie who we are; all other keys are `<type>-<id>`. */
const credsKey = "creds";

export interface KeptState {
  readonly auth: AuthenticationState;
  /** Writes who we are. Saves follow each other. */
  save(): Promise<void>;
}

/** Whether a phone has linked this device. Reads no more than needed, and without baileys. */
export async function isLinked(state: AccountState): Promise<boolean> {
  const text = await state.get(credsKey);
  if (text === undefined) return false;
  const creds: unknown = JSON.parse(text);
  return typeof creds === "object" && creds !== null && "account" in creds && "me" in creds;
}

/** The session's keys on our own disk. `onFailure` is told at once when they could not be written. */
export async function openKeptState(
  state: AccountState,
  { BufferJSON, initAuthCreds, proto }: Baileys,
  onFailure: (error: unknown) => void,
): Promise<KeptState> {
  const text = await state.get(credsKey);
  // What `save` wrote, by baileys' own reviver.
  const creds: AuthenticationCreds =
    text === undefined ? initAuthCreds() : (JSON.parse(text, BufferJSON.reviver) as AuthenticationCreds);
  let saved = Promise.resolve();

  async function write(values: Record<string, string | undefined>): Promise<void> {
    try {
      await state.set(values);
    } catch (thrown) {
      onFailure(thrown);
      throw thrown;
    }
  }

  return {
    auth: {
      creds,
      keys: {
        async get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
          const texts = await state.getMany(ids.map((id) => `${type}-${id}`));
          const found: { [id: string]: SignalDataTypeMap[T] } = {};
          for (const id of ids) {
            const stored = texts.get(`${type}-${id}`);
            if (stored === undefined) continue;
            const value: unknown = JSON.parse(stored, BufferJSON.reviver);
            // What `set` wrote under this type; baileys wants this one as an instance.
            found[id] = (
              type === "app-state-sync-key"
                ? proto.Message.AppStateSyncKeyData.fromObject(value as Record<string, unknown>)
                : value
            ) as SignalDataTypeMap[T];
          }
          return found;
        },
        set: (data: SignalDataSet) => write(flat(data, BufferJSON.replacer)),
      },
    },
    save() {
      const next = () => write({ [credsKey]: JSON.stringify(creds, BufferJSON.replacer) });
      saved = saved.then(next, next);
      return saved;
    },
  };
}

function flat(
  data: SignalDataSet,
  replacer: (key: string, value: unknown) => unknown,
): Record<string, string | undefined> {
  const values: Record<string, string | undefined> = {};
  for (const [type, ofType] of Object.entries(data)) {
    for (const [id, value] of Object.entries(ofType)) {
      const isGone = value === null || value === undefined;
      values[`${type}-${id}`] = isGone ? undefined : JSON.stringify(value, replacer);
    }
  }
  return values;
}
