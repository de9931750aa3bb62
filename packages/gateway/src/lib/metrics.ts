/** Upper bounds of the duration buckets, seconds. */
const durationBounds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120];

interface Histogram {
  buckets: number[];
  sum: number;
  count: number;
}

/** Counts of what happened since the start, in Prometheus' text format. Labels come from our own tables, so their number is bounded. */
export interface Metrics {
  /** Adds to a counter; `labels` as in `method="GET",code="200"`. */
  add(name: string, help: string, labels: string, amount?: number): void;
  /** Records a duration in seconds. */
  observe(name: string, help: string, labels: string, seconds: number): void;
  /** A value that is read when asked for. */
  gauge(name: string, help: string, read: () => number): void;
  /** Text exposition format 0.0.4. Source: https://prometheus.io/docs/instrumenting/exposition_formats/ */
  render(): string;
}

interface Family<T> {
  help: string;
  series: Map<string, T>;
}

export function createMetrics(): Metrics {
  const counters = new Map<string, Family<{ value: number }>>();
  const histograms = new Map<string, Family<Histogram>>();
  const gauges = new Map<string, { help: string; read: () => number }>();

  function series<T>(
    families: Map<string, Family<T>>,
    name: string,
    help: string,
    labels: string,
    fresh: () => T,
  ): T {
    let family = families.get(name);
    if (!family) {
      family = { help, series: new Map() };
      families.set(name, family);
    }
    let found = family.series.get(labels);
    if (!found) {
      found = fresh();
      family.series.set(labels, found);
    }
    return found;
  }

  return {
    add(name, help, labels, amount = 1) {
      series(counters, name, help, labels, () => ({ value: 0 })).value += amount;
    },
    observe(name, help, labels, seconds) {
      const one = series(histograms, name, help, labels, () => ({
        buckets: durationBounds.map(() => 0),
        sum: 0,
        count: 0,
      }));
      const index = durationBounds.findIndex((bound) => seconds <= bound);
      if (index >= 0) one.buckets[index]! += 1;
      one.sum += seconds;
      one.count += 1;
    },
    gauge(name, help, read) {
      gauges.set(name, { help, read });
    },
    render() {
      const lines: string[] = [];
      const head = (name: string, help: string, type: string) =>
        lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
      for (const [name, { help, read }] of gauges) {
        head(name, help, "gauge");
        lines.push(`${name} ${read()}`);
      }
      for (const [name, { help, series }] of counters) {
        head(name, help, "counter");
        for (const [labels, { value }] of series) lines.push(`${name}${labels && `{${labels}}`} ${value}`);
      }
      for (const [name, { help, series }] of histograms) {
        head(name, help, "histogram");
        for (const [labels, one] of series) {
          const more = labels && `${labels},`;
          let below = 0;
          durationBounds.forEach((bound, index) => {
            below += one.buckets[index]!;
            lines.push(`${name}_bucket{${more}le="${bound}"} ${below}`);
          });
          lines.push(`${name}_bucket{${more}le="+Inf"} ${one.count}`);
          lines.push(
            `${name}_sum${labels && `{${labels}}`} ${one.sum}`,
            `${name}_count${labels && `{${labels}}`} ${one.count}`,
          );
        }
      }
      return `${lines.join("\n")}\n`;
    },
  };
}
