/* How many tickets fall into each hour of the day, and how long did the arrival take? */
import { t } from "../shared/i18n.js";
import { init } from "../vendor/echarts.js";

/** @typedef {{hour: string, tickets: number, met: number, late: number, overdue: number,
 *   p50: number | null, p90: number | null, n: number}} Hour */

/** Read a colour of the tokens as the browser paints it now. @param {string} name */
function colour(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = window.getComputedStyle(probe).color;
  probe.remove();
  return found;
}

/** @param {Hour[]} hours */
function bars(hours) {
  const promised = hours.some((hour) => hour.met + hour.late + hour.overdue > 0);
  const kinds = /** @type {const} */ (
    promised
      ? [
          ["met", t("Met"), "--good"],
          ["late", t("Late"), "--warn"],
          ["overdue", t("Open, overdue"), "--danger"],
        ]
      : [["tickets", t("Tickets"), "--accent"]]
  );
  return kinds.map(([key, name, token]) => ({
    type: "bar",
    name,
    stack: "tickets",
    barCategoryGap: "30%",
    itemStyle: { color: colour(token) },
    data: hours.map((hour) => hour[key]),
  }));
}

/** @param {Hour[]} hours */
function lines(hours) {
  if (!hours.some((hour) => hour.n)) return [];
  const promise = {
    silent: true,
    symbol: "none",
    label: { formatter: t("30 min"), color: colour("--text-muted"), position: "insideEndTop" },
    lineStyle: { color: colour("--text-muted"), type: "dashed" },
    data: [{ yAxis: 30 }],
  };
  const kinds = /** @type {const} */ ([
    ["p50", t("Arrival P50, min"), "--text-muted", undefined],
    ["p90", t("Arrival P90, min"), "--text", promise],
  ]);
  return kinds.map(([key, name, token, markLine]) => ({
    type: "line",
    name,
    yAxisIndex: 1,
    symbolSize: 5,
    lineStyle: { width: 2, color: colour(token), type: key === "p50" ? "dotted" : "solid" },
    itemStyle: { color: colour(token) },
    data: hours.map((hour) => hour[key]),
    ...(markLine ? { markLine } : {}),
  }));
}

/** @param {Hour[]} hours @param {number} width of the place, in pixels */
function options(hours, width) {
  const quiet = colour("--text-muted");
  const axis = {
    axisLabel: { color: quiet, fontSize: 13 },
    axisLine: { lineStyle: { color: colour("--line") } },
    axisTick: { show: false },
    nameTextStyle: { color: quiet, fontSize: 13 },
  };
  const series = [...bars(hours), ...lines(hours)];
  const values = { type: "value", minInterval: 1, splitLine: { lineStyle: { color: colour("--line") } } };
  return {
    animation: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
    animationDuration: 200,
    aria: { enabled: false },
    textStyle: { fontFamily: window.getComputedStyle(document.body).fontFamily },
    grid: { left: 8, right: 8, top: width < 600 ? 96 : 44, bottom: 4, containLabel: true },
    legend: { top: 0, left: 0, itemHeight: 10, textStyle: { color: colour("--text"), fontSize: 13 } },
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      backgroundColor: colour("--raised"),
      borderColor: colour("--line"),
      textStyle: { color: colour("--text"), fontSize: 13 },
      valueFormatter: (/** @type {number | null} */ value) =>
        value === null || value === undefined ? "–" : String(Math.round(value * 10) / 10),
    },
    xAxis: { ...axis, type: "category", data: hours.map((hour) => hour.hour) },
    yAxis: [
      { ...axis, ...values, name: t("Tickets"), nameGap: 8 },
      { ...axis, type: "value", min: 0, splitLine: { show: false } },
    ],
    series,
  };
}

/**
 * Draw the chart into a place and return a function that puts it away.
 * @param {HTMLElement} place
 * @returns {Promise<() => void>}
 */
export function drawHours(place) {
  const source = document.getElementById("hours-data");
  const hours = /** @type {Hour[]} */ (JSON.parse(source?.textContent || "[]"));
  const chart = init(place, null, { renderer: "canvas" });
  const fit = new ResizeObserver(() => chart.resize());
  const redraw = () => chart.setOption(options(hours, place.clientWidth), true);
  document.addEventListener("themechange", redraw);
  fit.observe(place);
  const putAway = () => {
    fit.disconnect();
    document.removeEventListener("themechange", redraw);
    chart.dispose();
  };
  return new Promise((resolve) => {
    // Registered before the options: a chart without animation may finish at once.
    chart.on("finished", () => {
      place.dataset.drawn = "yes";
      resolve(putAway);
    });
    redraw();
  });
}
