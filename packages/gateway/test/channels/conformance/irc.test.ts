import { startIrcPeer } from "./peers/irc.ts";
import { conforms } from "./suite.ts";

conforms("IRC", startIrcPeer);
