// Jobs on messages that are text: in armor, as mail has them, and in the cleartext framework.
import { binary, bytes, lines, valid } from "./measure.mjs";
import { GCM } from "./works_data.mjs";

const MB = 1_000_000;

/** Armor out and in, around what is signed and encrypted and around what is only signed. Data goes in and comes out as bytes, messages as strings. */
export async function* armored(ours, peer, keys, size) {
  const data = bytes(size * MB);
  const recipients = [keys.ours.certificate];
  const signers = [{ key: keys.ours.key }];
  const options = { data, recipients, signers, format: "seipd-v2" };
  const message = await ours.encrypt(options);
  yield {
    work: `armored encrypt and sign ${size} MB`,
    ours: () => ours.encrypt(options),
    peer: async () => peer.encrypt({ message: await binary(peer, data), encryptionKeys: keys.peer.certificate, signingKeys: keys.peer.secret, config: GCM }),
  };
  yield {
    work: `armored decrypt and verify ${size} MB`,
    ours: async () => valid(await ours.decrypt({ message, keys: signers, verifyWith: recipients, as: "binary" })),
    peer: async () => verified(await peer.decrypt({
      message: await peer.readMessage({ armoredMessage: message }), decryptionKeys: keys.peer.secret, verificationKeys: keys.peer.certificate, format: "binary",
    })),
  };
  const signed = await ours.sign({ data, signers, form: "inline" });
  yield {
    work: `armored inline sign ${size} MB`,
    ours: () => ours.sign({ data, signers, form: "inline" }),
    peer: async () => peer.sign({ message: await binary(peer, data), signingKeys: keys.peer.secret }),
  };
  yield {
    work: `armored inline verify ${size} MB`,
    ours: async () => valid(await ours.verify({ message: signed, verifyWith: recipients, as: "binary" })),
    peer: async () => verified(await peer.verify({
      message: await peer.readMessage({ armoredMessage: signed }), verificationKeys: keys.peer.certificate, format: "binary",
    })),
  };
}

/** Text that stays readable, with its signature below. */
export async function* cleartext(ours, peer, keys, size) {
  const signers = [{ key: keys.ours.key }];
  const mail = lines(size * MB);
  const signed = await ours.sign({ data: mail, signers, form: "cleartext" });
  yield {
    work: `cleartext sign ${size} MB`,
    ours: () => ours.sign({ data: mail, signers, form: "cleartext" }),
    peer: async () => peer.sign({ message: await peer.createCleartextMessage({ text: mail }), signingKeys: keys.peer.secret }),
  };
  yield {
    work: `cleartext verify ${size} MB`,
    ours: async () => valid(await ours.verify({ message: signed, verifyWith: [keys.ours.certificate] })),
    peer: async () => verified(await peer.verify({
      message: await peer.readCleartextMessage({ cleartextMessage: signed }), verificationKeys: keys.peer.certificate,
    })),
  };
}

async function verified({ signatures: [first] }) {
  if (!(await first.verified)) throw new Error("the other side does not verify");
}
