// Takes the keyboard to a field, and tells a screen reader what is wrong with it; once for each id.
const done = (globalThis.persistauthFocused ??= new Set());

export default function ({ data }) {
  if (!data || done.has(data.id)) return;
  done.add(data.id);
  find(data, 120);
}

function find(data, frames) {
  const input = document.querySelector(`.${data.field} input`);
  if (input) take(input, data);
  else if (frames) requestAnimationFrame(() => find(data, frames - 1));
}

function take(input, { id, fault }) {
  const alert = document.querySelector(`.${fault} [role="alert"]`);
  // Whoever was quicker and types somewhere else already is left there, if nothing is wrong.
  if (alert || !document.activeElement?.matches("input, textarea")) input.focus();
  if (!alert) return;
  alert.id = `persistauth-${id}`;
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", alert.id);
  input.addEventListener("input", () => input.removeAttribute("aria-invalid"), { once: true });
}
