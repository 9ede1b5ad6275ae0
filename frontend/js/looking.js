// Who else looks at the open conversation, and who types. Told to the stream, which keeps it in memory only.
const AGAIN_MS = 30_000;
const TYPING_EVERY_MS = 3000;

function pane() {
  return document.getElementById("conversation");
}

async function tell(conversation, doing) {
  const url = document.body.dataset.stream?.replace(/\/events$/, "/looking");
  if (!url || !conversation) return;
  const body = JSON.stringify({ conversation_id: Number(conversation), doing });
  const sent = fetch(url, { method: "POST", credentials: "include", headers: { "Content-Type": "application/json" }, body, keepalive: true });
  try {
    const answer = await sent;
    if (answer.ok) show({ detail: await answer.json() });
  } catch {
    // The stream is away; the desk works without knowing who looks.
  }
}

function show({ detail }) {
  const line = document.getElementById("looking");
  if (!line || String(detail.conversation_id) !== pane()?.dataset.conversation) return;
  const others = detail.people.filter((person) => String(person.id) !== document.body.dataset.me);
  const names = (doing) => others.filter((person) => person.doing === doing).map((person) => person.name).join(", ");
  const typing = names("typing");
  const viewing = names("viewing");
  line.textContent = [typing && line.dataset.typing.replace("%s", typing), viewing && line.dataset.viewing.replace("%s", viewing)].filter(Boolean).join(" · ");
}

export function startLooking() {
  if (!document.body.dataset.stream) return;
  let shown = pane()?.dataset.conversation;
  let typedAt = 0;
  const look = () => document.hidden || tell(pane()?.dataset.conversation, "viewing");
  look();
  setInterval(look, AGAIN_MS);
  document.addEventListener("careloop:looking", show);
  document.addEventListener("htmx:afterSettle", () => {
    const now = pane()?.dataset.conversation;
    if (now === shown) return;
    tell(shown, "left");
    shown = now;
    look();
  });
  document.addEventListener("input", (event) => {
    if (!event.target.closest("#composer") || Date.now() - typedAt < TYPING_EVERY_MS) return;
    typedAt = Date.now();
    tell(pane()?.dataset.conversation, "typing");
  });
  window.addEventListener("pagehide", () => tell(shown, "left"));
}
