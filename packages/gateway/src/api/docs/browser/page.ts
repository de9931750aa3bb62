/** Brings the pages of the documents to life: both load this script. */
import { startConsole } from "./console.ts";
import { find } from "./elements.ts";
import { startFilter } from "./filter.ts";
import { startTryIts } from "./try-it.ts";

find("#page-tools").hidden = false;
startFilter();
startTryIts();
if (document.querySelector("#page-console")) startConsole();
