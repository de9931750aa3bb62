/** Where something is done on a page, and for how long at most. */
export interface PlaceOptions {
  profile?: string;
  tab?: string;
  /** Seconds. */
  timeout?: string;
}

/** Options of `browser navigate` and of what else leads to a page. */
export interface GoalOptions extends PlaceOptions {
  waitUntil?: string;
  width?: string;
  height?: string;
}

/** Options of `browser screenshot`. */
export interface ScreenshotOptions extends GoalOptions {
  selector?: string;
  fullPage?: boolean;
  format?: string;
  quality?: string;
  output?: string;
}

/** Options of `browser pdf`. */
export interface PdfOptions extends PlaceOptions {
  format?: string;
  landscape?: boolean;
  /** `--no-background` makes it false. */
  background?: boolean;
  output?: string;
}

/** Options of what is done to a page, each of its own kind of action. */
export interface ActionOptions extends PlaceOptions {
  button?: string;
  double?: boolean;
  secret?: string;
  submit?: boolean;
  append?: boolean;
  at?: string;
  pixels?: string;
  text?: string;
  gone?: string;
  selector?: string;
  address?: string;
  seconds?: string;
}
