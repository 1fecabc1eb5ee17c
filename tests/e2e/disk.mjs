// What lies below a folder, such as the server's data, as octets.
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

/** `"file NAME (n)"` → octets. */
export async function filesBelow(folder) {
  const found = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const octets = await readFile(path).catch(unlessGone);
    if (octets !== undefined) found[`file ${relative(folder, path)} (${Object.keys(found).length})`] = octets;
  }
  return found;
}

/** A purge may remove a file between our look at the folder and at the file. */
function unlessGone(error) {
  if (error.code !== "ENOENT") throw error;
}
