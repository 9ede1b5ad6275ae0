// Running deadlines. `<time data-due="ISO" data-live>` counts down in place; what is later than now turns red.
const TICK_MS = 1000;
const SOON_SECONDS = 1800;

function two(number) {
  return String(number).padStart(2, "0");
}

function asClock(seconds) {
  const rest = Math.abs(seconds);
  const days = Math.floor(rest / 86400);
  const clock = `${two(Math.floor((rest % 86400) / 3600))}:${two(Math.floor((rest % 3600) / 60))}:${two(rest % 60)}`;
  return `${seconds < 0 ? "−" : ""}${days ? `${days}${document.body.dataset.day ?? "d"} ` : ""}${clock}`;
}

function tick() {
  if (document.hidden) return;
  for (const clock of document.querySelectorAll("[data-due][data-live]")) {
    const seconds = Math.round((Date.parse(clock.dataset.due) - Date.now()) / 1000);
    clock.textContent = asClock(seconds);
    const pill = clock.closest(".pill");
    pill?.classList.toggle("pill--red", seconds < SOON_SECONDS);
    pill?.classList.toggle("pill--amber", seconds >= SOON_SECONDS && seconds < SOON_SECONDS * 4);
  }
}

export function startClocks() {
  tick();
  setInterval(tick, TICK_MS);
  document.addEventListener("htmx:afterSwap", tick);
}
