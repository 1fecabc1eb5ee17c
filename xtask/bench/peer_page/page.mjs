// The decrypt page as somebody would write it with OpenPGP.js: the same three requests as ours, Argon2 and decryption in a worker,
// plain text only. No second language, no attachments, no reply, no signature: less than ours does.
const place = document.getElementById("page");
const [, id] = /^\/d\/([\w-]+)/.exec(location.pathname);
const api = `/api/v1/d/${id}`;
const worker = new Worker("/assets/worker.mjs", { type: "module" });
const ready = answer();

function answer() {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = reject;
  });
}

function post(path, body) {
  return fetch(`${api}/${path}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), cache: "no-store" });
}

const head = await (await fetch(api, { cache: "no-store" })).json();
await ready;
place.innerHTML = `<h1></h1><form><label for="password">Password</label><input id="password" type="password" required /><button>Open</button><p role="alert"></p></form>`;
place.querySelector("h1").textContent = `${head.sender.name} sent you an encrypted message`;
const form = place.querySelector("form");
form.onsubmit = async (event) => {
  event.preventDefault();
  const password = form.querySelector("input").value;
  const token = "A".repeat(43);
  const ciphertext = new Uint8Array(await (await post("open", { token })).arrayBuffer());
  const opened = answer();
  worker.postMessage({ ciphertext, password: `${location.hash.slice(1)}-${password}` }, [ciphertext.buffer]);
  const { text, error } = await opened;
  if (error) {
    form.querySelector("p").textContent = error;
    return;
  }
  await post("confirm", { token, lease: id });
  const shown = document.createElement("div");
  shown.className = "text";
  // One part in base64, as short texts are written; OpenPGP.js reads no mail.
  const content = atob(text.slice(text.indexOf("\n\n")).trim());
  shown.textContent = new TextDecoder().decode(Uint8Array.from(content, (character) => character.charCodeAt(0)));
  place.replaceChildren(shown);
};
