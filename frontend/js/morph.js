// `hx-swap="morph"`: change only what differs, so that focus, scroll and a half-written text survive a refresh.
import { Idiomorph } from "idiomorph/dist/idiomorph.esm.js";

const STYLES = { morph: "outerHTML", "morph:outerHTML": "outerHTML", "morph:innerHTML": "innerHTML" };

function keepWhatPeopleChanged(oldNode, newNode) {
  if (!(oldNode instanceof Element)) return true;
  if (oldNode.hasAttribute("data-keep")) return false;
  if (oldNode.localName === "details" && newNode instanceof Element && oldNode.open) newNode.setAttribute("open", "");
  return true;
}

export function useMorphing(htmx) {
  htmx.defineExtension("morph", {
    isInlineSwap: (style) => STYLES[style] === "outerHTML",
    handleSwap: (style, target, fragment) => {
      const morphStyle = STYLES[style];
      if (!morphStyle) return false;
      return Idiomorph.morph(target, fragment.children, {
        morphStyle,
        ignoreActiveValue: true,
        callbacks: { beforeNodeMorphed: keepWhatPeopleChanged },
      });
    },
  });
}
