// Addresses as they are compared: a domain in another script is one address, as letters and as A-labels.
import { addressOf } from "envelock/worker";

/** The same for every way to write an address; whatever is none stays as it is. */
export const addressKey = (address: string): string => addressOf(address) ?? address;
