// GnuPG 2.2: v4 keys and SEIPD v1, in both directions.
import { exchangesWith } from "./exchange.mjs";
import { gnupgPeer } from "./gnupg.mjs";

exchangesWith("gpg 2.2", gnupgPeer);
