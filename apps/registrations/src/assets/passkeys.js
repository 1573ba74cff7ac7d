// Asks the browser for passkeys. Where a page has a part with `data-passkey`, its form goes in three steps: the server
// says what it wants, the person agrees to it, and the server decides on the answer and says where to go.

const ceremonies = {
  create: (options) =>
    navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }),
  get: (options) =>
    navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }),
};

/** What the browser's errors mean, by the names of the texts for them. */
const reasons = { NotAllowedError: "cancelled", InvalidStateError: "known" };

const supported =
  typeof globalThis.PublicKeyCredential?.parseCreationOptionsFromJSON === "function" &&
  typeof globalThis.PublicKeyCredential.parseRequestOptionsFromJSON === "function";

if (supported) {
  for (const text of document.querySelectorAll("[data-without-passkeys]")) text.hidden = true;
  for (const part of document.querySelectorAll("[data-passkey]")) {
    part.hidden = false;
    part.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      if (part.ariaBusy !== "true") run(part);
    });
  }
}

async function run(part) {
  const along = part.dataset.along && document.querySelector(`input[name="${part.dataset.along}"]`);
  if (along && !along.reportValidity()) return;
  const alert = part.querySelector("[role=alert]");
  alert.textContent = "";
  part.ariaBusy = "true";
  const message = await ask(part, along).catch(({ name }) => part.dataset[reasons[name] ?? "failed"]);
  part.ariaBusy = "false";
  alert.textContent = message;
}

/** Goes through the three steps. Answers what the server has against it; nothing when the browser is on its way. */
async function ask(part, along) {
  const form = part.querySelector("form");
  const fields = Object.fromEntries(new FormData(form));
  if (along) fields[along.name] = along.value;
  const options = await post(`${form.action}/options`, fields);
  if (!options.challenge) return follow(part, options);
  const credential = await ceremonies[part.dataset.passkey](options);
  return follow(part, await post(form.action, { ...fields, credential: credential.toJSON() }));
}

function follow(part, { location, message }) {
  if (location === undefined) return message ?? part.dataset.failed;
  globalThis.location.assign(location);
  return "";
}

async function post(url, value) {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(value) });
  return response.json();
}
