// Coming in by link: the secret is in the address's fragment, which no server and no preview sees.

export function comeIn(document) {
  const form = document.querySelector("[data-join=link]");
  const token = location.hash.slice(1);
  if (!form || !/^[\w-]{20,}$/.test(token)) return;
  form.querySelector("[data-join-token]").value = token;
  form.hidden = false;
  document.querySelector("[data-join=code]").hidden = true;
  history.replaceState(null, "", location.pathname);
}
