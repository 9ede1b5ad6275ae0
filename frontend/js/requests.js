// How htmx behaves here: no evaluated code, no inline style, no page copies kept in the browser, the CSRF token on
// every change, and refusals (409, 422) shown where the form was.
import { say, saySomethingFailed } from "./toasts.js";

function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

export function csrfHeaders() {
  return { "X-CSRFToken": csrfToken(), "HX-Request": "true" };
}

// Our own refusals come as `<p data-error="code">sentence</p>` (workspace/_error.html).
function sayRefusal(event) {
  const { xhr } = event.detail;
  if (xhr.status === 401) return location.reload();
  const told = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector("[data-error]");
  return told ? say(told.textContent.trim(), "error") : saySomethingFailed();
}

export function configureRequests(htmx) {
  Object.assign(htmx.config, {
    allowEval: false,
    allowScriptTags: false,
    includeIndicatorStyles: false,
    historyCacheSize: 0,
    refreshOnHistoryMiss: true,
    scrollIntoViewOnBoost: false,
    defaultSwapStyle: "outerHTML",
    // htmx would copy style attributes while it settles, which the content policy forbids.
    attributesToSettle: [],
    responseHandling: [
      { code: "204", swap: false },
      { code: "[23]..", swap: true },
      { code: "422", swap: true },
      { code: "[45]..", swap: false, error: true },
    ],
  });
  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = csrfToken();
  });
  document.addEventListener("htmx:responseError", sayRefusal);
  document.addEventListener("htmx:sendError", saySomethingFailed);
}
