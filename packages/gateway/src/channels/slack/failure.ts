/** Why a call of Slack's Web API did not succeed. */
export type FailureFacts =
  /** Slack answered `ok: false`. */
  | { readonly kind: "code"; readonly code: string; readonly neededScope?: string | undefined }
  | { readonly kind: "limited"; readonly retryAfterMs: number | undefined }
  | { readonly kind: "status"; readonly status: number }
  /** There was no answer, or none that can be read. `cause` says more. */
  | { readonly kind: "broken" };

/** A failed call. Its message has no token, no address and no body. */
export class SlackFailure extends Error {
  readonly facts: FailureFacts;

  constructor(facts: FailureFacts, cause?: unknown) {
    super(sentenceOf(facts), cause === undefined ? undefined : { cause });
    this.name = "SlackFailure";
    this.facts = facts;
  }
}

/**
 * Whatever a call threw: our own failure, which Slack's client wraps as a request error, or the client's platform
 * error (https://docs.slack.dev/tools/node-slack-sdk/web-api/#handle-errors).
 */
export function failureOf(thrown: unknown): SlackFailure {
  if (thrown instanceof SlackFailure) return thrown;
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) {
    return new SlackFailure({ kind: "broken" }, thrown);
  }
  if (thrown.code === "slack_webapi_request_error" && "original" in thrown) return failureOf(thrown.original);
  if (thrown.code === "slack_webapi_platform_error" && "data" in thrown) return refusalOf(thrown.data);
  return new SlackFailure({ kind: "broken" }, thrown);
}

/** An answer with `ok: false`. What is no code is kept out: the client puts a body that is no JSON in its place. */
export function refusalOf(answer: unknown): SlackFailure {
  if (typeof answer !== "object" || answer === null || !("error" in answer)) {
    return new SlackFailure({ kind: "broken" });
  }
  const { error } = answer;
  if (typeof error !== "string" || !/^[a-z][a-z0-9_:]{1,80}$/i.test(error)) {
    return new SlackFailure({ kind: "broken" });
  }
  if (error === "ratelimited" || error === "rate_limited") {
    return new SlackFailure({ kind: "limited", retryAfterMs: undefined });
  }
  const needed = "needed" in answer ? answer.needed : undefined;
  const neededScope =
    typeof needed === "string" && /^[a-z0-9:._, -]{1,200}$/i.test(needed) ? needed : undefined;
  return new SlackFailure({ kind: "code", code: error, neededScope });
}

/** What to do about the codes that people meet. Source: the error lists of https://docs.slack.dev/reference/methods. */
const advice: Readonly<Record<string, string>> = {
  channel_not_found:
    "There is no such conversation, or the bot is not in it. Check the id and /invite the bot",
  not_in_channel: "The bot is not in this channel. Invite it there: /invite @ and its name",
  is_archived: "The channel is archived. Unarchive it or choose another",
  msg_too_long: "The message is too long. Send it in pieces",
  no_text: "The message is empty. Send some text",
  restricted_action: "A rule of the workspace forbids the bot to post here. Ask an administrator",
  restricted_action_read_only_channel: "The channel is read-only. Ask an administrator",
  restricted_action_thread_only_channel: "This channel takes answers in threads only. Answer in a thread",
  restricted_action_non_threadable_channel: "This channel has no threads. Set replyInThread to false",
  thread_not_found: "The thread is not there any more. Answer in the channel",
  message_not_found: "The message is not there any more",
  cant_update_message: "The message is not the bot's. Only its own can be edited",
  edit_window_closed: "The workspace allows no edit that late",
  user_not_found: "There is no such user in the workspace. Use a member id, U…",
  users_not_found: "There is no such user in the workspace. Use a member id, U…",
  user_disabled: "The user's account is deactivated",
  cannot_dm_bot: "Bots cannot write to each other in private",
  messages_tab_disabled: "Switch on the Messages Tab of the app's App Home",
  invalid_auth: "Slack does not know this token. Copy it anew from the app's pages",
  not_authed: "Slack does not know this token. Copy it anew from the app's pages",
  account_inactive: "The app was removed from the workspace. Install it again and set the new token",
  token_revoked: "The token was revoked. Install the app again and set the new token",
  token_expired: "The token has expired. Switch token rotation off and set the new token",
  not_allowed_token_type: "This is a token of another kind. botToken begins with xoxb-, appToken with xapp-",
  team_access_not_granted: "An administrator has to grant the app access to this workspace",
};

function sentenceOf(facts: FailureFacts): string {
  switch (facts.kind) {
    case "code": {
      if (facts.code === "missing_scope") {
        const scope = facts.neededScope ?? "that the documentation lists";
        return `The app lacks the scope ${scope}. Add it under OAuth & Permissions and install the app again (missing_scope).`;
      }
      const known = Object.hasOwn(advice, facts.code) ? advice[facts.code] : undefined;
      return known ? `${known} (${facts.code}).` : `Slack refused with ${facts.code}.`;
    }
    case "limited":
      return "Slack's rate limit is reached. Wait and try again.";
    case "status":
      return `Slack answered with HTTP status ${facts.status}. Check apiRoot and https://slack-status.com.`;
    case "broken":
      return "Slack did not answer as it should. Check the network, apiRoot and https://slack-status.com.";
  }
}
