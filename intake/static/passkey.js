// Asks the browser for a passkey with what the page says, and sends what it answers. Without it the page says what else there is.
"use strict";
(() => {
  const form = document.querySelector("form[data-passkey]");
  if (!form) return;

  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  };
  const text = (buffer) => {
    const plain = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };
  const known = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));

  const wanted = () => {
    const options = JSON.parse(form.dataset.options);
    options.challenge = bytes(options.challenge);
    if (form.dataset.passkey === "create") {
      options.user = { ...options.user, id: bytes(options.user.id) };
      options.excludeCredentials = known(options.excludeCredentials);
    } else {
      options.allowCredentials = known(options.allowCredentials);
    }
    return { publicKey: options };
  };

  const made = (key) => ({
    attestationObject: text(key.response.attestationObject),
    clientDataJSON: text(key.response.clientDataJSON),
    transports: key.response.getTransports ? key.response.getTransports() : [],
  });
  const shown = (key) => ({
    authenticatorData: text(key.response.authenticatorData),
    clientDataJSON: text(key.response.clientDataJSON),
    signature: text(key.response.signature),
    userHandle: key.response.userHandle ? text(key.response.userHandle) : null,
  });

  const answer = (key) => JSON.stringify({
    id: key.id,
    rawId: text(key.rawId),
    type: key.type,
    response: form.dataset.passkey === "create" ? made(key) : shown(key),
    extensions: JSON.stringify(key.getClientExtensionResults()),
  });

  const show = (name, shows) => {
    form.querySelector(`[data-passkey-${name}]`).hidden = !shows;
  };

  const ask = async () => {
    show("without", false);
    show("waits", true);
    try {
      const key = await navigator.credentials[form.dataset.passkey](wanted());
      form.elements.credential.value = answer(key);
    } catch {
      show("waits", false);
      show("failed", true);
      return;
    }
    form.submit();
  };

  ask();
})();
