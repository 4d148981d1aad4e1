// Keys for who likes them: / to the search, j and k along a list or a comparison, ? for what they do. They can be turned
// off (WCAG 2.2, 2.1.4); Tab reaches everything without them.
const help = document.getElementById("keys"), on = document.getElementById("keys-on"), opener = document.getElementById("keys-help");
const STOPS = "main .rows .headline, main .pairrow:not(.same), main .linerow:not(.same)";
const TYPED = "input:not([type=checkbox], [type=radio]), textarea, select";

function kept() {
  try { return localStorage.getItem("keys") !== "off"; } catch { return true; }
}

function keep() {
  try { localStorage.setItem("keys", on.checked ? "on" : "off"); } catch { /* This page alone, then. */ }
}

function step(by) {
  const stops = [...document.querySelectorAll(STOPS)].filter((each) => each.checkVisibility());
  const at = stops.findIndex((each) => each.contains(document.activeElement));
  const stop = stops[at < 0 ? (by > 0 ? 0 : stops.length - 1) : at + by];
  if (!stop) return;
  if (stop.tabIndex < 0) stop.tabIndex = -1;
  stop.focus();
}

const KEYS = {
  "/": () => (document.getElementById("q") || document.getElementById("find")).select(),
  j: () => step(1),
  k: () => step(-1),
  "?": () => help.showModal(),
};

document.addEventListener("keydown", (pressed) => {
  const act = KEYS[pressed.key];
  if (!act || !on.checked || help.open || pressed.ctrlKey || pressed.metaKey || pressed.altKey) return;
  if (pressed.target.closest(TYPED)) return;
  pressed.preventDefault();
  act();
});
on.checked = kept();
on.addEventListener("change", keep);
opener.addEventListener("click", () => help.showModal());
opener.hidden = false;
