// The timeline: goes on both ways by itself, stands still while it grows, stays bounded, jumps.
// Without this file all of it is plain links.
"use strict";
(() => {
  const list = document.getElementById("posts");
  const days = document.getElementById("days");
  if (!list || !days) return;
  const card = list.closest("[data-base]");
  const most = Number(card.dataset.most);
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const posts = () => days.querySelectorAll("li[data-id]");
  const end = (side) => document.getElementById(side);

  /* Days of two parts that meet are one day. */
  const join = () => {
    let before = null;
    for (const day of [...days.children]) {
      if (before && before.dataset.day === day.dataset.day) {
        before.querySelector("ol").append(...day.querySelectorAll(":scope > ol > li"));
        day.remove();
      } else { before = day; }
    }
  };

  /* What is far away is given back; the link at that end begins where it was cut. */
  const bound = (side) => {
    const all = [...posts()];
    const over = all.length - most;
    if (over <= 0) return;
    const cut = side === "older" ? all.slice(-over) : all.slice(0, over);
    for (const post of cut) {
      let lone = post.previousElementSibling;
      while (lone && !lone.dataset.id) { const gap = lone; lone = lone.previousElementSibling; gap.remove(); }
      post.remove();
    }
    for (const day of [...days.children]) if (!day.querySelector("li[data-id]")) day.remove();
    const left = posts();
    const ids = side === "older" ? left[left.length - 1] : left[0];
    const link = end(side === "older" ? "newer" : "older");
    const way = side === "older" ? "after" : "before";
    const edge = side === "older" ? ids.dataset.last || ids.dataset.id : ids.dataset.first || ids.dataset.id;
    link.setAttribute("href", `${card.dataset.base}&${way}=${edge}`);
    link.hidden = false;
  };

  /* The post that is looked at stays where it is, whatever is put above it. */
  let held = null;
  let side = "";
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt.classList.contains("tl-end")) event.detail.path = event.detail.elt.getAttribute("href");
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== days) return;
    side = event.detail.requestConfig.elt.id;
    const inside = [...posts()].find((post) => post.getBoundingClientRect().bottom > 120);
    held = inside && { post: inside, top: inside.getBoundingClientRect().top };
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== days) return;
    join();
    bound(side);
    if (held && held.post.isConnected) scrollBy({ top: held.post.getBoundingClientRect().top - held.top, behavior: "instant" });
    held = null;
  });
  document.addEventListener("htmx:afterSettle", () => look());

  /* An end that comes near is asked for. */
  const near = "IntersectionObserver" in window && new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting && !entry.target.hidden) htmx.trigger(entry.target, "reach");
  }, { rootMargin: "600px 0px" });
  const down = document.querySelector(".tl-down");
  const look = () => {
    if (near) { near.disconnect(); for (const one of ["older", "newer"]) near.observe(end(one)); }
    if (down) down.hidden = false;
    seeDown();
  };
  const seeDown = () => {
    if (!down) return;
    const last = end("newer").hidden && list.getBoundingClientRect().bottom < innerHeight + 300;
    down.classList.toggle("near", last);
  };
  addEventListener("scroll", seeDown, { passive: true });

  /* Jumps: to what is here at once, else by the address. */
  const show = (post, how) => {
    post.scrollIntoView({ block: "center", behavior: still.matches ? "instant" : how });
    const target = post.closest("li") || post;
    target.classList.remove("lit");
    void target.offsetWidth;
    target.classList.add("lit");
    (target.querySelector(".bub") || target).focus({ preventScroll: true });
  };
  document.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    const jump = event.target.closest("a[data-jump]");
    const post = jump && document.getElementById(`m${jump.dataset.jump}`);
    if (post) {
      event.preventDefault();
      for (const old of days.querySelectorAll("[data-target]")) old.removeAttribute("data-target");
      history.pushState(null, "", `#${post.id}`);
      show(post, "smooth");
    }
    const newest = event.target.closest("a[data-newest]");
    if (newest && end("newer").hidden) {
      event.preventDefault();
      scrollTo({ top: document.documentElement.scrollHeight, behavior: still.matches ? "instant" : "smooth" });
    }
  });

  const target = document.querySelector("[data-target]");
  const query = new URLSearchParams(location.search);
  if (target) show(document.getElementById(location.hash.slice(1)) || target, "instant");
  else if (!query.has("from") && !query.has("before") && !query.has("after") && !location.hash) scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
  requestAnimationFrame(look);
})();
