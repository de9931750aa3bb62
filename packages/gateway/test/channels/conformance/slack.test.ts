import { startSlackPeer } from "./peers/slack.ts";
import { conforms } from "./suite.ts";

conforms("Slack by HTTP", startSlackPeer);
