// Other devices with the same keys.
import { timeFormatsOf } from "./time-formats.ts";

const f = timeFormatsOf("en");
const few = (count: number, one: string, many: string): string => (f.plural(count) === "one" ? one : many).replace("#", f.number(count));

export const devices = {
  devicesTitle: "Other devices",
  devicesNote: "Keep the same keys and contacts on your phone and your computer. Each device keeps its own passphrase.",
  syncServerSees: "Your devices exchange one sealed copy through this server. It sees that there is one, how large it is and when it changes, but nothing that is in it.",
  syncTurnOn: "Turn on",
  syncWithAccount: "Comparing is off. The password of your account opens your keys, so it is turned on with that: see One password.",
  syncJoin: "This is another device: enter the code",
  syncCodeLabel: "Code of your other device",
  syncCodeNote: "There it stands under Keystore, Other devices. Capitals, spaces and hyphens do not matter.",
  syncJoinNow: "Get the keys",
  syncWorking: "Comparing with your other devices …",
  syncNever: "Not compared yet.",
  syncLast: (moment: string) => `Last compared: ${moment}.`,
  syncCame: (received: number, removed: number) =>
    [received === 0 ? "" : few(received, "# key received.", "# keys received."), removed === 0 ? "" : few(removed, "# key removed.", "# keys removed.")].filter((part) => part !== "").join(" "),
  syncDone: "All devices have the same keys.",
  syncFailed: "Comparing with your other devices failed. The reason stands under Keystore.",
  unsynced: {
    changed: {
      title: "Your other devices do not have this yet",
      text: "Your keys were changed here, and your other devices have not got that. It stays in this browser, and goes to them once you have signed in here again.",
    },
    comparing: {
      title: "Your other devices may not have everything yet",
      text: "Comparing with your other devices is still under way. Nothing was changed here since your keys were opened; if your other devices lack something from before, it stays in this browser, and goes to them once you have signed in here again.",
    },
  },
  syncOtherCode: "The copy on the server is sealed under another code now. Nothing was changed. Stop on this device, then enter the new code.",
  syncNow: "Compare now",
  syncShowCode: "Show the code",
  syncShowTitle: "Show the code for another device?",
  syncCodeTitle: "Code for your other devices",
  syncCodeSecret: "Whoever has this code and the copy on the server has your keys. Type it on your own devices only, tell it to nobody, and send it to nobody.",
  syncCopyCode: "Copy the code",
  syncCodeCopied: "Code copied. Do not leave it in the clipboard.",
  syncHideCode: "Hide the code",
  syncStop: "Stop on this device",
  syncStopTitle: "Stop on this device?",
  syncStopText: "Your keys stay here, and the copy stays on the server for your other devices. To begin again you need the code.",
  syncStopped: "Stopped. This device has forgotten the code.",
  syncDelete: "Delete the copy on the server",
  syncDeleteTitle: "Delete the copy on the server?",
  syncDeleteText: "Your keys stay on every device, and this one stops. A device that goes on puts the copy back: stop on it first.",
  syncDeleted: "The copy is deleted, and this device has stopped.",
};

export type DevicesWords = typeof devices;
