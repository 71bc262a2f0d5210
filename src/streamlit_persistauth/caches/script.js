// Reads and writes what the browser keeps of a sign-in: a cookie, or an item of its local storage.
// Does what an id stands for once in the life of a page, however often it is drawn.
const done = (globalThis.persistauthDone ??= new Set());

export default function ({ data, setTriggerValue }) {
  if (!data || done.has(data.id)) return;
  done.add(data.id);
  if (data.ask) setTriggerValue("answer", { id: data.id, ...answer(data.ask) });
  if (data.writeCookie && !writesCookie(data.writeCookie)) setTriggerValue("lost", data.id);
  if (data.removeCookie) document.cookie = data.removeCookie.text;
  if (data.writeItem && !writesItem(data.writeItem)) setTriggerValue("lost", data.id);
  if (data.removeItem) removeItem(data.removeItem.name);
}

function answer({ cookie, item, probe, probeEnd }) {
  const kept = { cookie: readCookie(cookie), item: readItem(item) };
  const keepsCookies = writesCookie(probe);
  document.cookie = probeEnd;
  const keepsItems = writesItem({ name: probe.name, text: "", until: 0 });
  removeItem(probe.name);
  return { ...kept, keepsCookies, keepsItems };
}

function readCookie(name) {
  const pairs = document.cookie.split("; ").map((pair) => pair.split("="));
  return pairs.find(([key]) => key === name)?.[1] ?? "";
}

function writesCookie({ name, value, text }) {
  document.cookie = text;
  return readCookie(name) === value;
}

function readItem(name) {
  try {
    const { text, until } = JSON.parse(localStorage.getItem(name) ?? "{}");
    return typeof text === "string" && Date.now() < until ? text : "";
  } catch {
    return ""; // the storage is blocked, or holds something that is not ours
  }
}

function writesItem({ name, text, until }) {
  try {
    localStorage.setItem(name, JSON.stringify({ text, until }));
    return true;
  } catch {
    return false; // it is blocked, or full
  }
}

function removeItem(name) {
  try {
    localStorage.removeItem(name);
  } catch {
    // Where it is blocked nothing is kept.
  }
}
