"""What a page has shown since its document began, however briefly."""

import json

from playwright.sync_api import BrowserContext, Frame, Page

WELCOME = "Welcome back!"
NOT_KEPT = "This browser can't keep you signed in."
NOTICES = (WELCOME, NOT_KEPT)
"""The toasts that are counted: a toast disappears by itself, perhaps before a test looks."""

# A MutationObserver is called for every change before the browser paints it.
SCRIPT = """
((notices) => {
  const seen = { loginForm: false, views: [], notices: {} };
  const before = {};
  const look = () => {
    const buttons = [...document.querySelectorAll("button")];
    const form = document.querySelector('input[aria-label="Password"]') !== null
      || buttons.some((button) => button.textContent.trim() === "Sign in");
    seen.loginForm ||= form;
    const placeholder = document.querySelector(".persistauth-waiting") !== null;
    for (const view of [placeholder && "placeholder", form && "form"])
      if (view && !seen.views.includes(view)) seen.views.push(view);
    for (const notice of notices) {
      const now = (document.body?.textContent ?? "").split(notice).length - 1;
      seen.notices[notice] ??= 0;
      seen.notices[notice] += Math.max(0, now - (before[notice] ?? 0));
      before[notice] = now;
    }
  };
  const what = { attributes: true, characterData: true, childList: true, subtree: true };
  new MutationObserver(look).observe(document, what);
  window.persistauthSeen = seen;
})"""


def watch(context: BrowserContext) -> None:
    """Watch every document that this browser context opens from now on."""
    context.add_init_script(f"{SCRIPT}({json.dumps(NOTICES)})")


def login_form_was_drawn(page: Page) -> bool:
    """Tell whether this document ever had a login form."""
    return bool(page.evaluate("window.persistauthSeen.loginForm"))


def views(page: Page) -> list[str]:
    """Return in which order this document has shown the placeholder and the login form first."""
    return list(page.evaluate("window.persistauthSeen.views"))


def times_shown(page: Page | Frame, notice: str) -> int:
    """Count how often one of `NOTICES` came up in this document."""
    return int(page.evaluate("notice => window.persistauthSeen.notices[notice] ?? 0", notice))
