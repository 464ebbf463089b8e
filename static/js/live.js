// Tells of new messages of a live channel, while somebody looks.
(function () {
  var part = document.querySelector("[data-following]");
  if (!part) return;
  var shown = part.innerHTML, asking = false;
  var timer = setInterval(look, 2000);
  function look() {
    if (document.hidden || asking) return;
    asking = true;
    fetch(part.dataset.following, { headers: { "HX-Request": "true" } }).then(function (answer) {
      if (answer.ok && answer.status !== 286) return answer.text();
      clearInterval(timer);
      var away = answer.headers.get("HX-Redirect");
      if (away) location.href = away;
      return shown;
    }).then(function (html) {
      if (html !== shown) { shown = html; part.innerHTML = html; }
    }).catch(function () { /* the next look may do better */ }).then(function () { asking = false; });
  }
  document.addEventListener("visibilitychange", look);
})();
