// Light, dark, or as the system says: the server writes it into the page. What is chosen here is seen
// at once, and told to the server meanwhile; without this script its form is sent like any other.
(function () {
  var root = document.documentElement;
  root.classList.add("js");
  function apply(look) {
    if (look === "system") delete root.dataset.theme;
    else root.dataset.theme = look;
    document.querySelectorAll("[data-looks] button").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.value === look));
    });
  }
  document.addEventListener("submit", function (event) {
    var form = event.target, button = event.submitter;
    if (!button || !form.matches("[data-looks]")) return;
    event.preventDefault();
    var told = new FormData(form);
    told.set(button.name, button.value);
    apply(button.value);
    var menu = form.closest("details");
    if (menu) menu.open = false;
    // The answer leads back to this page, which need not come again; and whoever goes on to another
    // page at once takes nothing back.
    fetch(form.action, {
      method: "POST", body: new URLSearchParams(told), redirect: "manual", keepalive: true
    }).catch(function () { /* only for this page, then */ });
  });
})();
