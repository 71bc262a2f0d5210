// Focuses a field and marks it as invalid for screen readers; once for each id.
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
  // A user who already types in another field keeps the focus, unless there is an error.
  if (alert || !document.activeElement?.matches("input, textarea")) input.focus();
  if (!alert) return;
  alert.id = `persistauth-${id}`;
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", alert.id);
  input.addEventListener("input", () => input.removeAttribute("aria-invalid"), { once: true });
}
