// Every row of tests/vectors through the packed npm package.
import { isPostQuantum, rows } from "./corpus.mjs";
import { runRows } from "./run_rows.mjs";

await runRows(() => import("envelock"), rows().filter((row) => !isPostQuantum(row)));
