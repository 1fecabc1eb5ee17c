/**
 * The log of a keystore: each use of a secret key, sealed like everything else, in entries that are only ever added.
 *
 * Entry n is stored as `log.n` and sealed under the name `log:n`, so that none can be put in the place of another;
 * the oldest goes when there are more than {@link SIZE}. A storage can still take away the newest entries unseen.
 */
import type { LogEntry } from "./keystore.js";
import { PgpError } from "./error.js";
import { text, utf8 } from "./data.js";
import type { Entries } from "./keystore-entries.js";
import { stored } from "./storage.js";

/** How many entries are kept. */
export const SIZE = 1000;
const LOG = "log.";
const NAME = "log:";

export class Log {
  readonly #entries: Entries;
  #next: number | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(entries: Entries) {
    this.#entries = entries;
  }

  /** Adds an entry. One after the other, and never in the place of one that another tab added meanwhile. */
  add(entry: Omit<LogEntry, "number" | "date">): Promise<void> {
    const turn = this.#turn.then(() => this.#add({ ...entry, date: Date.now() }));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #add(entry: object): Promise<void> {
    const { storage } = this.#entries;
    let number = this.#next ?? Math.max(-1, ...(await this.#numbers())) + 1;
    for (;;) {
      const stem = LOG + number;
      const blob = await this.#entries.seal(NAME + number, utf8(JSON.stringify(entry)));
      const added = await stored(async () => {
        if (storage.create) return storage.create(stem, blob);
        if ((await storage.get(stem)) !== undefined) return false;
        await storage.put(stem, blob);
        return true;
      });
      if (added) break;
      number += 1;
    }
    this.#next = number + 1;
    if (number >= SIZE) await stored(() => storage.delete(LOG + (number - SIZE)));
  }

  /** All entries that can be read, oldest first; the numbers of the others go to `damaged`. */
  async read(damaged: (stem: string, error: PgpError) => void): Promise<LogEntry[]> {
    const entries: LogEntry[] = [];
    for (const number of (await this.#numbers()).sort((a, b) => a - b)) {
      const blob = await stored(() => this.#entries.storage.get(LOG + number));
      if (!blob) continue;
      try {
        const { data } = await this.#entries.unseal(await this.#entries.slot(NAME + number), blob);
        const { date, ...entry } = JSON.parse(text(data)) as Omit<LogEntry, "number" | "date"> & { date: number };
        entries.push({ number, ...entry, date: new Date(date) });
      } catch (thrown) {
        if (!(thrown instanceof PgpError) || thrown.code !== "entry-damaged") throw thrown;
        damaged(LOG + number, thrown);
      }
    }
    return entries;
  }

  async #numbers(): Promise<number[]> {
    const stems = await stored(() => this.#entries.storage.list());
    return stems.filter((stem) => /^log\.\d{1,15}$/.test(stem)).map((stem) => Number(stem.slice(LOG.length)));
  }
}
