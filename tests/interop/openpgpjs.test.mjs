// OpenPGP.js 6: both key versions, SEIPD v1 and v2, in both directions.
import { exchangesWith } from "./exchange.mjs";
import { openpgpjsPeer } from "./openpgpjs.mjs";

exchangesWith("OpenPGP.js 6", openpgpjsPeer);
