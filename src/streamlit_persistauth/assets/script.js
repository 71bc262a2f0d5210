// Reads and writes a credential in the browser: a cookie, or an item of local storage.
// Each id is handled once in the life of a page, however often it is drawn.
const done = (globalThis.persistauthDone ??= new Set());

export default function ({ data: list, setTriggerValue }) {
  const data = list?.[0];
  if (!data || done.has(data.id)) return;
  done.add(data.id);
  const { id, ask, writeCookie, removeCookie, writeItem, removeItem } = own(data);
  if (ask) setTriggerValue("answer", { id, ...answer(ask) });
  if (writeCookie && !writesCookie(writeCookie)) setTriggerValue("lost", id);
  if (removeCookie) document.cookie = removeCookie.text;
  if (writeItem && !writesItem(writeItem)) setTriggerValue("lost", id);
  if (removeItem) removesItem(removeItem.name);
}

// Returns a copy without a prototype, which protects against prototype pollution.
function own(object) {
  return { __proto__: null, ...object };
}

function answer({ cookie, item, probe, probeEnd }) {
  const kept = { cookie: readCookie(cookie), item: readItem(item) };
  const keepsCookies = writesCookie(probe);
  document.cookie = probeEnd;
  const keepsItems = writesItem({ name: probe.name, text: "", until: 0 });
  removesItem(probe.name);
  return { ...kept, keepsCookies, keepsItems };
}

// If two cookies have this name, one was planted: joined, they are no valid credential.
function readCookie(name) {
  const pairs = document.cookie.split("; ").map((pair) => pair.split("="));
  const values = pairs.filter(([key]) => key === name).map(([, value]) => value);
  return values.join(" ");
}

function writesCookie({ name, value, text }) {
  document.cookie = text;
  return readCookie(name) === value;
}

function readItem(name) {
  try {
    const { text, until } = own(JSON.parse(localStorage.getItem(name)));
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

function removesItem(name) {
  try {
    localStorage.removeItem(name);
  } catch {
    // A blocked storage holds nothing.
  }
}
