/**
 * The calls that look at keys, over a backend: check the options, run one call of the module, make real dates.
 */
import type { Certificate, Key } from "./api.js";
import { readData } from "./data.js";
import type { Tools } from "./edit-calls.js";
import type { ImportPreview, InspectionCalls, KeyInspection, MinimizeKeyOptions, PreviewImportOptions, InspectKeyOptions, MergeKeysOptions } from "./inspections.js";
import { type RawKey, readKey } from "./keys.js";
import { checkOptions } from "./options.js";

/** The calls, by name. */
export function inspectionCalls({ run, at }: Pick<Tools, "run" | "at">): InspectionCalls {
  async function inspectKey(options: InspectKeyOptions): Promise<KeyInspection> {
    checkOptions("inspectKey", options);
    const { key, known = [] } = options;
    const args = { key: key.binary, known: known.map(certificateOf), at: at(options) };
    return dated(await run("inspectKey", args, options)) as KeyInspection;
  }

  async function mergeKeys(options: MergeKeysOptions): Promise<Key> {
    checkOptions("mergeKeys", options);
    const args = { key: options.key.binary, update: options.update.binary, at: at(options) };
    return readKey((await run("mergeKeys", args, options)) as RawKey) as Key;
  }

  async function minimizeKey(options: MinimizeKeyOptions): Promise<Certificate> {
    checkOptions("minimizeKey", options);
    const args = { key: certificateOf(options.key), userIds: options.userIds, at: at(options) };
    return readKey((await run("minimizeKey", args, options)) as RawKey) as Certificate;
  }

  async function previewImport(options: PreviewImportOptions): Promise<ImportPreview> {
    checkOptions("previewImport", options);
    const keys = await readData(options.keys, options.signal);
    const args = { keys: keys.bytes, known: (options.known ?? []).map(({ binary }) => binary), at: at(options) };
    const { entries, skipped } = (await run("previewImport", args, options, [keys])) as RawPreview;
    return {
      skipped,
      entries: entries.map(({ key, merged, weaknesses, ...rest }) => ({
        ...rest,
        key: readKey(key),
        weaknesses: dated(weaknesses) as ImportPreview["entries"][number]["weaknesses"],
        ...(merged && { merged: readKey(merged) as Key }),
      })),
    };
  }

  return { inspectKey, mergeKeys: mergeKeys as InspectionCalls["mergeKeys"], minimizeKey, previewImport };
}

type RawPreview = Omit<ImportPreview, "entries"> & {
  entries: (Omit<ImportPreview["entries"][number], "key" | "merged"> & { key: RawKey; merged?: RawKey })[];
};

const certificateOf = (key: Key) => (key.kind === "secret-key" ? key.certificate.binary : key.binary);

const DATES = new Set(["created", "expires", "since", "at", "certifiedAt"]);

/** The same data with a `Date` wherever the module gave milliseconds. */
function dated(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dated);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, it]) => [name, DATES.has(name) && typeof it === "number" ? new Date(it) : dated(it)]));
}
