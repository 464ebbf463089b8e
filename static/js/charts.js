// Draws what parts/chart.html holds as JSON; the table below it says the same without a script.
// A plain drawing comes first. uPlot, which answers the pointer, is as heavy as the page and is
// fetched when the pointer comes.
(function () {
  var root = document.documentElement;
  var library = document.currentScript.dataset.library;
  var drawn = [];
  var DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3], [4, 2], [1, 3]];

  // A colour token as the canvas takes it: light-dark() is resolved by the browser alone.
  function colour(at, name) {
    var probe = document.createElement("i");
    probe.style.color = "var(--" + name + ")";
    at.appendChild(probe);
    var value = getComputedStyle(probe).color;
    probe.remove();
    return value;
  }
  function element(name, className, text) {
    var made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }
  function mark(tint) {
    var svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    var rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    rect.setAttribute("class", "x" + tint);
    rect.setAttribute("width", "100%");
    rect.setAttribute("height", "100%");
    svg.appendChild(rect);
    return svg;
  }
  function numbers(decimals, compact) {
    return new Intl.NumberFormat(root.lang || "en", compact
      ? { notation: "compact", maximumFractionDigits: decimals ? 2 : 1 }
      : { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  }
  // Bars are drawn as sums, the highest first, so that the lower ones cover it.
  function sums(series) {
    var below = null;
    return series.map(function (one) {
      below = one.values.map(function (value, at) { return (value || 0) + (below ? below[at] : 0); });
      return below;
    });
  }
  function address(base, data, first, last, key) {
    return base + (key ? "channel=" + key + "&" : "") + "from=" + data.from[first] + "&to=" + data.to[last];
  }

  function shape(parent, name, attributes, text) {
    var made = document.createElementNS("http://www.w3.org/2000/svg", name);
    Object.keys(attributes).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    if (text !== undefined) made.textContent = text;
    parent.appendChild(made);
    return made;
  }
  // The round step that gives some five lines.
  function stepOf(most) {
    var power = Math.pow(10, Math.floor(Math.log10(most / 5 || 1)));
    var step = [1, 2, 5, 10].map(function (n) { return n * power; }).find(function (n) { return most / n <= 5; });
    return Math.max(step, 1);
  }
  function sketch(place, data) {
    var bars = data.kind === "bars";
    var columns = bars ? sums(data.series) : data.series.map(function (one) { return one.values; });
    var most = Math.max.apply(null, [1].concat(columns.map(function (values) { return Math.max.apply(null, values); }))) * 1.06;
    var count = data.labels.length;
    var width = place.clientWidth, left = 46, right = width - 6, top = 10, bottom = place.clientHeight - 26;
    var x = function (at) { return bars ? left + (at + 0.5) * (right - left) / count : left + at * (right - left) / Math.max(count - 1, 1); };
    var y = function (value) { return bottom - value * (bottom - top) / most; };
    var compact = numbers(data.decimals, true);
    var svg = shape(place, "svg", { "class": "chart", width: width, height: place.clientHeight });
    for (var line = 0, step = stepOf(most); line <= most; line += step) {
      shape(svg, "line", { x1: left, x2: right, y1: y(line), y2: y(line), "class": line ? "" : "base" });
      shape(svg, "text", { x: left - 8, y: y(line) + 4, "text-anchor": "end" }, compact.format(line).replace("K", "k"));
    }
    var every = Math.max(1, Math.ceil(count * 74 / (right - left)));
    for (var at = Math.floor(((count - 1) % every) / 2); at < count; at += every) {
      shape(svg, "text", { x: x(at), y: bottom + 19, "text-anchor": "middle" }, data.labels[at]);
    }
    var thick = Math.min(56, 0.8 * (right - left) / count);
    columns.forEach(function (values, n) {
      var tint = data.series[n].tint;
      if (!bars) {
        var path = "";
        values.forEach(function (value, k) { if (value !== null) path += (path ? "L" : "M") + x(k) + " " + y(value); });
        if (path) shape(svg, "path", { d: path, "class": "line s" + tint, "stroke-dasharray": DASHES[n % 6].join(" ") });
        return;
      }
      values.forEach(function (value, k) {
        var below = n ? columns[n - 1][k] : 0;
        if (value > below) shape(svg, "rect", { x: x(k) - thick / 2, y: y(value), width: thick, height: y(below) - y(value), "class": "bar x" + tint });
      });
    });
  }

  function options(figure, place, data, state) {
    var bars = data.kind === "bars";
    var count = data.labels.length;
    var dim = colour(figure, "dim");
    var line = colour(figure, "line");
    var card = colour(figure, "card");
    var font = "11px " + getComputedStyle(figure).fontFamily;
    var compact = numbers(data.decimals, true);
    var series = data.series.map(function (one, at) {
      var tint = colour(figure, "c" + one.tint);
      return bars
        ? { fill: tint, stroke: card, width: 1, paths: uPlot.paths.bars({ size: [0.8, 56], align: 0 }), points: { show: false } }
        : { stroke: tint, width: 2, spanGaps: true, dash: DASHES[at % 6],
            points: { show: count < 3, size: 6, fill: tint } };
    });
    if (bars) series.reverse();
    return {
      width: place.clientWidth, height: place.clientHeight, padding: [10, 6, 0, 0],
      legend: { show: false }, select: { show: true },
      cursor: {
        y: false, points: { show: !bars }, x: !bars,
        drag: { x: Boolean(data.zoom), y: false, setScale: false },
        focus: { prox: 16 },
      },
      scales: {
        x: { time: false, range: bars ? [-0.5, count - 0.5] : [0, Math.max(count - 1, 1)] },
        y: { range: function (u, low, high) {
          if (bars) return [0, Math.max(high || 0, 1) * 1.06];
          var spread = (high - low) || Math.abs(high) || 1;
          return [low >= 0 ? Math.max(0, low - spread * 0.15) : low - spread * 0.15, high + spread * 0.1];
        } },
      },
      axes: [
        { stroke: dim, font: font, size: 26, gap: 6, grid: { show: false }, ticks: { show: false },
          border: { show: true, stroke: colour(figure, "line-2"), width: 1 },
          splits: function (u) {
            var every = Math.max(1, Math.ceil(count * 74 / Math.max(u.bbox.width / devicePixelRatio, 1)));
            var out = [];
            for (var at = Math.floor(((count - 1) % every) / 2); at < count; at += every) out.push(at);
            return out;
          },
          values: function (u, splits) { return splits.map(function (at) { return data.labels[at] || ""; }); } },
        { stroke: dim, font: font, size: 46, gap: 8, space: 44, grid: { stroke: line, width: 1 }, ticks: { show: false },
          incrs: data.decimals ? undefined : [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500].concat(
            [1e3, 2e3, 2.5e3, 5e3, 1e4, 2e4, 2.5e4, 5e4, 1e5, 2e5, 2.5e5, 5e5, 1e6, 2e6, 5e6, 1e7, 2e7, 5e7, 1e8, 1e9, 1e10]),
          values: function (u, splits) { return splits.map(function (value) { return compact.format(value).replace("K", "k"); }); } },
      ],
      series: [{}].concat(series),
      hooks: {
        setCursor: [function (u) { state.show(u); }],
        setSelect: [function (u) {
          if (u.select.width < 8) return;
          var ends = [u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x")].map(Math.round);
          state.dragged = Date.now();
          location.assign(address(data.zoom, data, Math.max(ends[0], 0), Math.min(ends[1], count - 1)));
        }],
      },
    };
  }

  function Plot(figure) {
    var place = figure.querySelector(".plot-at");
    var data = JSON.parse(document.getElementById(figure.dataset.plot).textContent);
    var bars = data.kind === "bars";
    var exact = numbers(data.decimals, false);
    var tip = element("div", "plot-tip");
    var stacked = bars ? sums(data.series) : data.series.map(function (one) { return one.values; });
    var columns = bars ? stacked.slice().reverse() : stacked;
    var rows = [data.labels.map(function (_, at) { return at; })].concat(columns);
    var state = { dragged: 0 };
    var plot = null;
    tip.hidden = true;
    tip.setAttribute("aria-hidden", "true");
    figure.classList.toggle("lines", !bars);
    figure.appendChild(tip);

    // Which series lies under the pointer.
    function under(u, at) {
      var height = u.posToVal(u.cursor.top, "y");
      if (bars) {
        for (var n = 0; n < stacked.length; n++) if (height <= stacked[n][at]) return n;
        return -1;
      }
      var best = -1;
      stacked.forEach(function (values, n) {
        var away = function (k) { return Math.abs(u.valToPos(stacked[k][at], "y") - u.cursor.top); };
        if (values[at] !== null && (best < 0 || away(n) < away(best))) best = n;
      });
      return best;
    }
    state.show = function (u) {
      var at = u.cursor.idx;
      if (at === null || at === undefined || u.cursor.left < 0) { tip.hidden = true; return; }
      var hit = under(u, at);
      tip.replaceChildren(element("b", "", data.titles[at]));
      var order = data.series.map(function (_, n) { return n; });
      if (bars) order.reverse();
      var total = 0;
      order.forEach(function (n) {
        var one = data.series[n];
        var value = one.values[at];
        total += value || 0;
        if (bars && !value) return;
        var row = element("p", n === hit ? "at" : "");
        row.append(mark(one.tint), element("bdi", "", one.name), element("i", "", value === null ? "–" : exact.format(value)));
        tip.append(row);
      });
      if (bars && data.series.length > 1) {
        var sum = element("p");
        sum.append(element("bdi", "", data.words.total), element("i", "", exact.format(total)));
        tip.append(sum);
      }
      tip.hidden = false;
      var left = u.over.offsetLeft + u.cursor.left;
      var room = figure.clientWidth;
      var width = tip.offsetWidth;
      tip.style.transform = "translate(" + Math.round(left + 14 + width > room ? Math.max(left - width - 14, 0) : left + 14) + "px, 8px)";
    };
    function click(u) {
      var at = u.cursor.idx;
      if (!data.messages || at === null || at === undefined || Date.now() - state.dragged < 400) return;
      var hit = under(u, at);
      location.assign(address(data.messages, data, at, at, hit >= 0 ? data.series[hit].key : null));
    }
    this.draw = function () {
      if (!place.isConnected) return false;
      if (!window.uPlot) {
        place.replaceChildren();
        sketch(place, data);
        return true;
      }
      if (plot) plot.destroy(); else place.replaceChildren();
      plot = new uPlot(options(figure, place, data, state), rows, place);
      plot.over.addEventListener("click", function () { click(plot); });
      plot.over.addEventListener("mouseleave", function () { tip.hidden = true; });
      return true;
    };
    var draw = this.draw;
    var width = place.clientWidth;
    draw();
    new ResizeObserver(function () {
      if (!place.clientWidth || place.clientWidth === width) return;
      width = place.clientWidth;
      if (plot) plot.setSize({ width: width, height: place.clientHeight }); else draw();
    }).observe(place);
    ["pointerenter", "pointermove", "pointerdown"].forEach(function (name) { place.addEventListener(name, fetchLibrary); });
  }

  function fetchLibrary() {
    if (window.uPlot || !library) return;
    var script = document.createElement("script");
    script.src = library;
    script.onload = redraw;
    library = "";
    document.head.appendChild(script);
  }
  // The day of a calendar under the pointer: named, and a click leads to its messages. The squares
  // are one shape a level, so the place tells the day.
  function Year(figure) {
    var svg = figure.querySelector(".cal");
    var counts = figure.dataset.counts.split(",");
    var first = new Date(figure.dataset.first + "T00:00:00Z");
    var named = new Intl.DateTimeFormat(root.lang || "en", { weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
    var exact = numbers(0, false);
    var at = shape(svg, "rect", { "class": "at", visibility: "hidden" });
    var tip = element("div", "plot-tip");
    var shown = -1;
    tip.hidden = true;
    tip.setAttribute("aria-hidden", "true");
    figure.appendChild(tip);
    function dateOf(day) { return new Date(first.getTime() + day * 864e5); }
    function dayAt(event) {
      var place = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      var week = Math.floor(place.x / 13), weekday = Math.floor(place.y / 13);
      var day = 7 * week + weekday;
      return week >= 0 && weekday >= 0 && weekday < 7 && day < counts.length ? day : -1;
    }
    function show(day) {
      if (day === shown) return;
      shown = day;
      tip.hidden = day < 0;
      at.setAttribute("visibility", day < 0 ? "hidden" : "visible");
      svg.classList.toggle("to", Boolean(counts[day]));
      if (day < 0) return;
      at.setAttribute("x", 13 * Math.floor(day / 7));
      at.setAttribute("y", 13 * (day % 7));
      var row = element("p");
      row.append(element("bdi", "", figure.dataset.word), element("i", "", exact.format(counts[day] || 0)));
      tip.replaceChildren(element("b", "", named.format(dateOf(day))), row);
      var within = figure.getBoundingClientRect(), square = at.getBoundingClientRect();
      var left = Math.min(Math.max(square.left - within.left - tip.offsetWidth / 2, 0), figure.clientWidth - tip.offsetWidth);
      tip.style.transform = "translate(" + Math.round(left) + "px, " + Math.round(square.bottom - within.top + 8) + "px)";
    }
    svg.addEventListener("pointermove", function (event) { show(dayAt(event)); });
    svg.addEventListener("pointerleave", function () { show(-1); });
    svg.addEventListener("click", function (event) {
      var day = dayAt(event);
      if (counts[day]) location.assign(figure.dataset.messages + "day=" + dateOf(day).toISOString().slice(0, 10));
    });
  }
  function start(within) {
    within.querySelectorAll("figure[data-counts]:not([data-drawn])").forEach(function (figure) {
      figure.dataset.drawn = "";
      Year(figure);
    });
    within.querySelectorAll("figure[data-plot]:not([data-drawn])").forEach(function (figure) {
      figure.dataset.drawn = "";
      drawn.push(new Plot(figure));
    });
  }
  function redraw() { drawn = drawn.filter(function (plot) { return plot.draw(); }); }
  new MutationObserver(redraw).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  document.addEventListener("htmx:load", function (event) { start(event.target); });
  start(document);
})();
