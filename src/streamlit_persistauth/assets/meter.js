// Sends a new password to the server while the user types, and shows the rating below the field.
// A draft goes to the same server as the submitted password, and nowhere else.
const PAUSE = 300; // milliseconds without a keystroke
const meters = (globalThis.persistauthMeters ??= new Map());

export default function ({ data: list, setTriggerValue, parentElement }) {
  const data = list?.[0];
  if (!data) return;
  const meter = meters.get(data.key) ?? watch(data.key);
  const fresh = meter.data?.field !== data.field;
  meter.data = data;
  meter.send = (draft) => setTriggerValue("draft", draft);
  meter.theme = getComputedStyle(parentElement.host ?? parentElement);
  if (fresh) {
    forget(meter);
    meter.timer = setTimeout(rate, PAUSE, meter); // the field may have text already
  } else if (data.verdict?.number === meter.number) show(meter, data.verdict);
}

function watch(key) {
  const meter = { number: 0, timer: 0 };
  const isInField = ({ target }) => target.closest?.(`.${meter.data.field}`);
  document.addEventListener("input", (event) => {
    if (!isInField(event)) return;
    if (!event.target.value) return forget(meter);
    clearTimeout(meter.timer);
    meter.number += 1;
    meter.timer = setTimeout(rate, PAUSE, meter);
    setBusy(meter, true);
  });
  // A password that is being submitted is not rated.
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
  meter.number += 1; // ignore verdicts on earlier drafts
  show(meter, {});
}

function rate(meter) {
  const typed = {};
  for (const [label, name] of Object.entries(meter.data.fields)) {
    typed[label] = document.querySelector(`.${name} input`)?.value ?? "";
  }
  if (typed[meter.data.label]) meter.send({ number: meter.number, typed });
}

function placeOf(meter) {
  return document.querySelector(`.${meter.data.place} .persistauth-meter`);
}

// A screen reader waits for the verdict.
function setBusy(meter, busy) {
  placeOf(meter)?.setAttribute("aria-busy", busy);
}

function show(meter, { text = "", level = 0 }) {
  const place = placeOf(meter);
  if (!place) return;
  setBusy(meter, false);
  const status = place.querySelector("[role=status]");
  status.textContent = text || meter.data.request;
  place.dataset.level = level;
  const color = level < 2 ? "red" : level < 3 ? "orange" : "green";
  const wanted = meter.theme.getPropertyValue(`--st-${color}-color`);
  place.style.setProperty("--persistauth-level", wanted || "currentColor");
}
