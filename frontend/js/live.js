// Live refresh. One tab of a browser holds the stream (a Web Lock chooses it) and passes each event on to the others,
// because a browser allows few connections to one host. An event says only that something changed; elements fetch
// their own new state: `hx-trigger="live-list from:body"`.
const CHANNEL = "careloop.live";
const LIST_EVERY_MS = 1200;
const THREAD_EVERY_MS = 150;

function calmly(ms, work) {
  let waiting = null;
  return (...args) => {
    if (waiting) return;
    waiting = setTimeout(() => {
      waiting = null;
      work(...args);
    }, ms);
  };
}

function openConversation() {
  return document.getElementById("conversation")?.dataset.conversation;
}

function react(htmx) {
  const refreshLists = calmly(LIST_EVERY_MS, () => htmx.trigger(document.body, "live-list"));
  const refreshThread = calmly(THREAD_EVERY_MS, () => htmx.trigger(document.body, "live-thread"));
  let missed = false;
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || !missed) return;
    missed = false;
    refreshLists();
    refreshThread();
  });
  return (message) => {
    if (message.kind === "looking") return document.dispatchEvent(new CustomEvent("careloop:looking", { detail: message }));
    if (document.hidden) {
      missed = true;
      return undefined;
    }
    refreshLists();
    if (message.name === "colleague.mentioned") askWhetherItIsMe(htmx, message);
    if (!message.conversation_id || String(message.conversation_id) === openConversation()) refreshThread();
    return undefined;
  };
}

// The stream says only that somebody was mentioned; the server says to whom.
function askWhetherItIsMe(htmx, message) {
  const url = document.getElementById("toasts")?.dataset.news;
  if (!url || String(message.conversation_id) === openConversation()) return;
  htmx.ajax("GET", url.replace(/0\/$/, `${message.id}/`), { swap: "none" });
}

function listen(url, pass) {
  const source = new EventSource(url, { withCredentials: true });
  let wasCut = false;
  source.onopen = () => {
    document.documentElement.classList.remove("is-offline");
    if (wasCut) pass({ kind: "resumed" });
    wasCut = false;
  };
  source.onerror = () => {
    wasCut = true;
    document.documentElement.classList.add("is-offline");
    if (source.readyState === EventSource.CLOSED) setTimeout(() => listen(url, pass), 5000);
  };
  source.onmessage = (event) => pass(JSON.parse(event.data));
  for (const kind of ["change", "looking"]) {
    source.addEventListener(kind, (event) => pass({ kind, ...JSON.parse(event.data) }));
  }
}

export function startLive(htmx) {
  const url = document.body.dataset.stream;
  if (!url) return;
  const heard = react(htmx);
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = (event) => heard(event.data);
  const pass = (message) => {
    heard(message);
    channel.postMessage(message);
  };
  const hold = () => new Promise(() => listen(url, pass));
  if (navigator.locks) navigator.locks.request(CHANNEL, hold);
  else hold();
}
