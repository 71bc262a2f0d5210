// Lets the tabs of one browser hear of each other that a sign-in has ended.
const apps = (globalThis.persistauthTabs ??= new Map());

export default function ({ data, setTriggerValue }) {
  const tab = apps.get(data.app) ?? enter(data.app);
  tab.askAgain = () => setTriggerValue("ended", true);
  if (tab.signIn && tab.signIn !== data.signIn) tab.channel.postMessage(tab.signIn);
  tab.signIn = data.signIn;
}

function enter(app) {
  const tab = { signIn: "", channel: new BroadcastChannel(`persistauth:${app}`) };
  tab.channel.onmessage = ({ data: ended }) => {
    if (ended && ended === tab.signIn) tab.askAgain();
  };
  // What is kept in the local storage goes by this name; whoever signs out removes it.
  addEventListener("storage", ({ key, newValue }) => {
    if (key === app && newValue === null && tab.signIn) tab.askAgain();
  });
  apps.set(app, tab);
  return tab;
}
