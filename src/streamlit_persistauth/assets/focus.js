// Focuses an element and marks it as invalid for screen readers; once for each id.
const done = (globalThis.persistauthFocused ??= new Set());

export default function ({ data: list }) {
  const data = list?.[0];
  if (!data || done.has(data.id)) return;
  done.add(data.id);
  find(data, 120);
}

function find(data, frames) {
  const element = document.querySelector(data.target);
  if (element) take(element, data);
  else if (frames) requestAnimationFrame(() => find(data, frames - 1));
}

function take(element, { id, fault }) {
  const alert = document.querySelector(`.${fault} [role="alert"]`);
  // A user who already types in another field keeps the focus, unless there is an error.
  if (alert || !document.activeElement?.matches("input, textarea")) element.focus();
  if (!alert) return;
  alert.id = `persistauth-${id}`;
  element.setAttribute("aria-invalid", "true");
  element.setAttribute("aria-describedby", alert.id);
  element.addEventListener("input", () => element.removeAttribute("aria-invalid"), { once: true });
}
