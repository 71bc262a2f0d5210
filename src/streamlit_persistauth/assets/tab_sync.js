// Notifies the other tabs of the browser when a sign-in is over.
const apps = (globalThis.persistauthTabs ??= new Map());

export default function ({ data: list, setTriggerValue }) {
  const data = list?.[0];
  const tab = apps.get(data.app) ?? enter(data.app);
  tab.runAgain = () => setTriggerValue("ended", true);
  if (tab.signIn && tab.signIn !== data.signIn) tab.channel.postMessage(tab.signIn);
  tab.signIn = data.signIn;
}

function enter(app) {
  const tab = { signIn: "", channel: new BroadcastChannel(`persistauth:${app}`) };
  tab.channel.onmessage = ({ data: ended }) => {
    if (ended && ended === tab.signIn) tab.runAgain();
  };
  // The item in the local storage has this name. Signing out removes it.
  addEventListener("storage", ({ key, newValue }) => {
    if (key === app && newValue === null && tab.signIn) tab.runAgain();
  });
  apps.set(app, tab);
  return tab;
}
