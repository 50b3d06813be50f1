/* How is a chart drawn in the colours of the page, and kept so when they or its size change? */
import { colour, onThemeChange } from "./colours.js";

/** Settings that every chart shares, in the colours shown now. */
function shared() {
  const text = colour("text");
  const muted = colour("text-muted");
  const axis = {
    axisLine: { lineStyle: { color: colour("line-strong") } },
    axisTick: { show: false },
    axisLabel: { color: muted, fontSize: 13 },
    splitLine: { lineStyle: { color: colour("line") } },
    nameTextStyle: { color: muted, fontSize: 13 },
  };
  return {
    color: ["travel", "dispatch", "turnout", "acknowledge", "repair", "locate", "answer"].map(
      (stage) => colour(`stage-${stage}`),
    ),
    textStyle: { color: text, fontFamily: getComputedStyle(document.body).fontFamily },
    legend: { textStyle: { color: text, fontSize: 13 } },
    categoryAxis: axis,
    valueAxis: axis,
    timeAxis: axis,
    logAxis: axis,
    visualMap: { textStyle: { color: muted } },
    tooltip: {
      backgroundColor: colour("raised"),
      borderColor: colour("line"),
      textStyle: { color: text, fontSize: 13 },
    },
  };
}

/**
 * Draw a chart that follows the size of its element and the theme. ECharts is loaded on first use.
 * `optionOf` is called again on each drawing, so colours in it should come from `colour()`.
 * Resolves once drawn; the answer has `update()` and `dispose()`.
 * @param {HTMLElement} element @param {() => Record<string, any>} optionOf
 */
export async function drawChart(element, optionOf) {
  const echarts = await import("../vendor/echarts.js");
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  /** @type {any} */
  let chart;
  const draw = () => {
    chart?.dispose();
    chart = echarts.init(element, shared());
    const option = optionOf();
    const drawn = new Promise((resolve) => chart.on("finished", resolve));
    chart.setOption({
      animation: !calm,
      animationDuration: 200,
      aria: { enabled: true },
      ...option,
      tooltip: { renderMode: "richText", ...option.tooltip },
    });
    return drawn;
  };
  await draw();
  const resize = new ResizeObserver(() => chart.resize());
  resize.observe(element);
  const stop = onThemeChange(draw);
  return {
    update: draw,
    dispose() {
      stop();
      resize.disconnect();
      chart.dispose();
    },
  };
}
