// The rows of tests/vectors about RFC 9980 through the package's entry for it.
import { isPostQuantum, rows } from "./corpus.mjs";
import { runRows } from "./run_rows.mjs";

await runRows(() => import("envelock/pqc"), rows().filter(isPostQuantum));
