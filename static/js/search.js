// Suggestions below the search box (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/). Without it,
// the box and the form below it do the same.
(function () {
  var box = document.querySelector("[data-suggest]");
  var input = box && box.querySelector("input[type=search]");
  if (!input) return;
  var list = document.createElement("ul");
  var said = box.querySelector("[data-suggested]");
  var shown = [], active = -1, timer = 0, running = null, asking = false, before = "";
  list.id = "q-options";
  list.className = "options";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.getAttribute("aria-label"));
  list.hidden = true;
  box.append(list);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  function close() {
    asking = false;
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
  function mark(number) {
    active = number;
    Array.prototype.forEach.call(list.children, function (item, at) {
      item.setAttribute("aria-selected", at === number ? "true" : "false");
    });
    if (number < 0) { input.removeAttribute("aria-activedescendant"); return; }
    input.setAttribute("aria-activedescendant", list.children[number].id);
    list.children[number].scrollIntoView({ block: "nearest" });
  }
  function take(number) {
    var one = shown[number], rest = input.value.slice(before.length);
    input.value = before.slice(0, one.start) + one.text + rest.replace(/^\s+/, "");
    var caret = one.start + one.text.length;
    input.setSelectionRange(caret, caret);
    close();
    input.focus();
    ask();
  }
  function show(found) {
    asking = false;
    shown = found;
    list.replaceChildren();
    found.forEach(function (one, at) {
      var item = document.createElement("li"), name = document.createElement("b");
      item.id = "q-option-" + at;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      name.textContent = one.text.trim();
      item.append(name);
      if (one.detail) {
        var detail = document.createElement("small");
        detail.dir = "auto";
        detail.textContent = one.detail;
        item.append(detail);
      }
      list.append(item);
    });
    active = -1;
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", found.length ? "true" : "false");
    input.removeAttribute("aria-activedescendant");
    said.textContent = found.length ? said.dataset.suggested + " " + found.length : "";
  }
  function ask() {
    clearTimeout(timer);
    if (running) running.abort();
    asking = true;
    timer = setTimeout(function () {
      running = new AbortController();
      before = input.value.slice(0, input.selectionStart);
      if (!before.trim() || document.activeElement !== input) { close(); return; }
      var address = new URL(box.dataset.suggest, location.href);
      address.searchParams.set("q", before);
      new URLSearchParams(location.search).getAll("channel").forEach(function (key) {
        address.searchParams.append("channel", key);
      });
      fetch(address, { signal: running.signal, headers: { "HX-Request": "true" } })
        .then(function (answer) { return answer.ok && answer.status === 200 ? answer.json() : { suggestions: [] }; })
        .then(function (found) { if (asking && document.activeElement === input) show(found.suggestions); },
          function () { /* typed on, or offline: nothing is offered */ });
    }, 120);
  }
  function refuse() {
    clearTimeout(timer);
    if (running) running.abort();
    close();
  }
  input.addEventListener("input", ask);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", function (event) {
    if (event.isComposing) return;
    if (list.hidden) {
      if (event.key === "ArrowDown") { event.preventDefault(); ask(); }
      // What is on its way is refused; the browser's own Esc would empty the box.
      else if (event.key === "Escape" && asking) { event.preventDefault(); event.stopPropagation(); refuse(); }
      return;
    }
    var last = shown.length - 1;
    if (event.key === "ArrowDown") mark(active === last ? -1 : active + 1);
    else if (event.key === "ArrowUp") mark(active < 0 ? last : active - 1);
    else if (event.key === "Escape") { event.stopPropagation(); refuse(); }
    else if (event.key === "Enter" && active >= 0) take(active);
    else if (event.key === "Tab" && !event.shiftKey && active >= 0) take(active);
    else return;
    event.preventDefault();
  });
  // Before the field loses the focus.
  list.addEventListener("mousedown", function (event) {
    var item = event.target.closest("li");
    event.preventDefault();
    if (item) take(Array.prototype.indexOf.call(list.children, item));
  });
})();
