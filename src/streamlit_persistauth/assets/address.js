// Sets or deletes one query parameter of the address, without a new entry in the history.
export default function ({ data: list }) {
  const data = list?.[0];
  if (!data) return;
  sendNoReferrer();
  const address = new URL(location.href);
  if ((address.searchParams.get(data.name) ?? "") === data.text) return;
  if (data.text) address.searchParams.set(data.name, data.text);
  else address.searchParams.delete(data.name);
  history.replaceState(history.state, "", address);
}

// Sends the address to no other host, nor with requests for our own files.
function sendNoReferrer() {
  if (document.querySelector("meta[name=referrer][content=no-referrer]")) return;
  const meta = document.createElement("meta");
  meta.name = "referrer";
  meta.content = "no-referrer";
  document.head.append(meta);
}
