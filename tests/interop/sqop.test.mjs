// Sequoia's sqop (Debian): v4 keys and SEIPD v1, in both directions.
import { exchangesWith } from "./exchange.mjs";
import { sopPeer } from "./sop.mjs";

exchangesWith("sqop", () =>
  sopPeer({ program: process.env.SQOP ?? "sqop", name: "sqop", keyProfiles: { compat: [] }, formats: ["seipd-v1"] }),
);
