"""What a page has shown since its document began, however briefly."""

from playwright.sync_api import BrowserContext, Page

# A MutationObserver is called for every change before the browser paints it.
SCRIPT = """
(() => {
  const seen = { loginForm: false, welcomes: 0 };
  let welcoming = false;
  const look = () => {
    const buttons = [...document.querySelectorAll("button")];
    seen.loginForm ||= document.querySelector('input[aria-label="Password"]') !== null
      || buttons.some((button) => button.textContent.trim() === "Sign in");
    const welcome = document.body?.textContent.includes("Welcome back!") ?? false;
    if (welcome && !welcoming) seen.welcomes += 1;
    welcoming = welcome;
  };
  const what = { attributes: true, characterData: true, childList: true, subtree: true };
  new MutationObserver(look).observe(document, what);
  window.persistauthSeen = seen;
})();
"""


def watch(context: BrowserContext) -> None:
    """Watch every document that this browser context opens from now on."""
    context.add_init_script(SCRIPT)


def login_form_was_drawn(page: Page) -> bool:
    """Tell whether this document ever had a login form."""
    return bool(page.evaluate("window.persistauthSeen.loginForm"))


def welcomes(page: Page) -> int:
    """Count how often "Welcome back!" came up in this document."""
    return int(page.evaluate("window.persistauthSeen.welcomes"))
