"use strict";
// Filters, search and opening of what a link leads to. Without this script everything is shown.
(() => {
  const find = (selector, root = document) => [...root.querySelectorAll(selector)];
  const bar = document.getElementById("filters");
  const items = find("[data-item]");
  const words = new Map();
  const text = (item) => {
    if (!words.has(item)) words.set(item, item.textContent.toLowerCase());
    return words.get(item);
  };

  const wanted = () => ({
    choices: find("select", bar).filter((each) => each.value !== ""),
    terms: bar.querySelector("input").value.toLowerCase().split(/\s+/).filter(Boolean),
  });

  const fits = (item, { choices, terms }) =>
    choices.every((each) => (item.dataset[each.name] || "").split(" ").includes(each.value))
    && terms.every((term) => text(item).includes(term));

  const told = (kind, shown, all) => `${shown} of ${all} ${all === 1 ? kind : `${kind}s`}`;

  const apply = () => {
    const asked = wanted();
    const counts = new Map();
    for (const item of items) {
      const count = counts.get(item.dataset.item) || [0, 0];
      item.hidden = !fits(item, asked);
      count[0] += item.hidden ? 0 : 1;
      count[1] += 1;
      counts.set(item.dataset.item, count);
    }
    for (const part of find("[data-part]")) {
      part.hidden = find("[data-item]", part).every((item) => item.hidden);
    }
    for (const note of find("[data-nothing]")) {
      const inside = find("[data-item]", note.parentElement);
      note.hidden = !inside.length || inside.some((item) => !item.hidden);
    }
    const idle = !asked.choices.length && !asked.terms.length;
    const said = [...counts].map(([kind, [shown, all]]) => told(kind, shown, all));
    document.getElementById("shown").textContent = idle ? "Everything is shown." : `Shown: ${said.join(", ")}.`;
    bar.querySelector("[data-do=reset]").disabled = idle;
  };

  const reset = () => {
    for (const each of find("select, input", bar)) each.value = "";
    apply();
  };

  const turn = (open) => {
    for (const each of find("[data-item]:not([hidden]) > details")) each.open = open;
  };

  const follow = () => {
    let name = "";
    try { name = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    const target = name && document.getElementById(name);
    if (!target) return;
    if (target.closest("[hidden]")) reset();
    for (let each = target; each; each = each.parentElement) {
      if (each.tagName === "DETAILS") each.open = true;
    }
    if (target.matches("[data-item]")) {
      const inner = target.querySelector(":scope > details");
      if (inner) inner.open = true;
    }
    target.scrollIntoView();
  };

  bar.addEventListener("change", apply);
  bar.addEventListener("input", apply);
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.do === "reset") { reset(); bar.querySelector("input").focus(); }
    if (button.dataset.do === "open") turn(true);
    if (button.dataset.do === "close") turn(false);
  });
  addEventListener("hashchange", follow);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (link && link.getAttribute("href") === location.hash) follow();
  });

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = find("details:not([open])");
    for (const each of closed) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of closed) each.open = false;
  });

  bar.hidden = false;
  apply();
  follow();
})();
