// Has a password rated by the server while it is being chosen, and shows what is said of it below
// its field. A draft goes where the password goes when it is submitted, and nowhere else.
const PAUSE = 300; // milliseconds without a key
const meters = (globalThis.persistauthMeters ??= new Map());

export default function ({ data, setTriggerValue, parentElement }) {
  if (!data) return;
  const meter = meters.get(data.key) ?? watch(data.key);
  const fresh = meter.data?.field !== data.field;
  meter.data = data;
  meter.ask = (draft) => setTriggerValue("draft", draft);
  meter.theme = getComputedStyle(parentElement.host ?? parentElement);
  if (fresh) {
    forget(meter);
    meter.timer = setTimeout(ask, PAUSE, meter); // it may have been typed before this came
  } else if (data.verdict?.number === meter.number) show(meter, data.verdict);
}

function watch(key) {
  const meter = { number: 0, timer: 0 };
  const about = ({ target }) => target.closest?.(`.${meter.data.field}`);
  document.addEventListener("input", (event) => {
    if (!about(event)) return;
    if (!event.target.value) return forget(meter);
    clearTimeout(meter.timer);
    meter.number += 1;
    meter.timer = setTimeout(ask, PAUSE, meter);
    setBusy(meter, true);
  });
  // What is being submitted is not rated any more.
  document.addEventListener("keydown", (event) => event.key === "Enter" && stop(meter));
  document.addEventListener("pointerdown", ({ target }) => {
    if (target.closest?.("[data-testid=stFormSubmitButton]")) stop(meter);
  });
  meters.set(key, meter);
  return meter;
}

function stop(meter) {
  clearTimeout(meter.timer);
  setBusy(meter, false);
}

function forget(meter) {
  clearTimeout(meter.timer);
  meter.number += 1; // what is said of an earlier draft comes too late
  show(meter, {});
}

function ask(meter) {
  const typed = {};
  for (const [label, name] of Object.entries(meter.data.fields)) {
    typed[label] = document.querySelector(`.${name} input`)?.value ?? "";
  }
  if (typed[meter.data.label]) meter.ask({ number: meter.number, typed });
}

function placeOf(meter) {
  return document.querySelector(`.${meter.data.place} .persistauth-meter`);
}

// A screen reader waits for what will be said.
function setBusy(meter, busy) {
  placeOf(meter)?.setAttribute("aria-busy", busy);
}

function show(meter, { text = "", level = 0 }) {
  const place = placeOf(meter);
  if (!place) return;
  setBusy(meter, false);
  const said = place.querySelector("[role=status]");
  said.textContent = text || meter.data.request;
  place.dataset.level = level;
  const color = level < 2 ? "red" : level < 3 ? "orange" : "green";
  const wanted = meter.theme.getPropertyValue(`--st-${color}-color`);
  place.style.setProperty("--persistauth-level", wanted || "currentColor");
}
