/* The gallery with a keyboard, a box over the grid, and a list that goes on by itself. Without
   this file all of it is plain links. */
"use strict";
(() => {
  const box = document.getElementById("box");
  const tiles = document.getElementById("tiles");
  let at = null;

  const follow = (root, rel) => {
    const link = root.querySelector(`a[rel=${rel}]`);
    if (link) (root === box ? open(link.href) : link.click());
    return Boolean(link);
  };

  const part = async (address) => {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) { location.assign(address); return null; }
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  };

  const open = async (address) => {
    const page = await part(address);
    const medium = page && page.getElementById("medium");
    if (!medium) { if (page) location.assign(address); return; }
    medium.removeAttribute("id");
    box.replaceChildren(document.adoptNode(medium));
    const close = document.createElement("button");
    close.type = "button";
    close.className = "btn icon";
    close.textContent = "×";
    close.setAttribute("aria-label", box.dataset.close || "×");
    close.addEventListener("click", () => box.close());
    box.querySelector("header nav").append(close);
    if (!box.open) box.showModal();
    close.focus();
  };

  if (tiles && box) {
    tiles.addEventListener("click", (event) => {
      const tile = event.target.closest("a[data-medium]");
      if (!tile || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
      event.preventDefault();
      at = tile;
      open(tile.href);
    });
    box.addEventListener("click", (event) => {
      const link = event.target.closest("a[rel=prev], a[rel=next]");
      if (link) { event.preventDefault(); open(link.href); }
      if (event.target === box) box.close();
    });
    box.addEventListener("close", () => { box.replaceChildren(); if (at) at.focus(); });
  }

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target.closest("input, textarea, select, audio, video")) return;
    const rels = { ArrowLeft: "prev", ArrowRight: "next" };
    if (box && box.open) {
      if (rels[event.key] && follow(box, rels[event.key])) event.preventDefault();
      return;
    }
    const tile = event.target.closest(".tile");
    if (tile && tiles) {
      const all = [...tiles.querySelectorAll(".tile")];
      const across = all.filter((one) => one.offsetTop === all[0].offsetTop).length;
      const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across };
      const next = all[all.indexOf(tile) + (steps[event.key] || 0)];
      if (steps[event.key] && next) { event.preventDefault(); next.focus(); }
      return;
    }
    const medium = document.getElementById("medium");
    if (medium && rels[event.key] && follow(medium, rels[event.key])) event.preventDefault();
    if (medium && event.key === "Escape") follow(document, "up");
  });

  /* More of the grid as its end comes into sight. */
  const grow = () => {
    const more = document.querySelector("a[data-more]");
    if (!more || !tiles || !("IntersectionObserver" in window)) return;
    const seen = new IntersectionObserver(async (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      seen.disconnect();
      const page = await part(more.href);
      if (!page) return;
      const found = page.querySelectorAll("#tiles > li");
      const following = page.querySelector("a[data-more]");
      tiles.append(...[...found].map((one) => document.adoptNode(one)));
      if (following) { more.href = following.href; grow(); } else { more.remove(); }
    }, { rootMargin: "300px" });
    seen.observe(more);
  };
  grow();
})();
