// Every row of every table of the server's SQLite database, read by another SQLite (sql.js).
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import initSqlJs from "sql.js";

const MAGIC = "SQLite format 3\0";

/** `"table NAME"` → all its cells one after the other, as octets. The server must have ended: nothing is left in a journal. */
export async function tables(folder) {
  const SQL = await initSqlJs();
  const found = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const octets = await readFile(join(entry.parentPath, entry.name));
    if (octets.subarray(0, MAGIC.length).toString("latin1") !== MAGIC) continue;
    const database = new SQL.Database(octets);
    for (const name of names(database)) found[`table ${name}`] = Buffer.concat(cells(database, name));
    database.close();
  }
  if (Object.keys(found).length === 0) throw new Error(`no SQLite database below ${folder}`);
  return found;
}

function names(database) {
  const [result] = database.exec("SELECT name FROM sqlite_master WHERE type = 'table'");
  return (result?.values ?? []).flat();
}

function cells(database, table) {
  const [result] = database.exec(`SELECT * FROM "${table}"`);
  const octets = (value) => (value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value)));
  return (result?.values ?? []).flat().flatMap((value) => [octets(value), Buffer.from("\n")]);
}
