export type { ChatEventData, ChatEventName, ChatInput, ChatRun, ChatSubscription } from "./chat.ts";
export { Chat } from "./chat.ts";
export type { ClientOptions, RunCallOptions } from "./client.ts";
export { OpenClawClient } from "./client.ts";
export type * from "./contract.gen.ts";
export { ConnectionError, isCode, OpenClawError, TimeoutError } from "./errors.ts";
export type { CallOptions } from "./http.ts";
export type { HttpMethod } from "./request.ts";
export type { ConnectionState, WebSocketConstructor, WebSocketLike } from "./socket.ts";
