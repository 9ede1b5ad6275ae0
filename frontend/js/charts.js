// Charts of the report pages, drawn as SVG from the JSON beside them; the numbers also stand in a table on the page.
import * as echarts from "echarts/core";
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";

echarts.use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function options(data) {
  const ink = colour("--color-base-content");
  const line = colour("--color-base-300");
  return {
    animation: false,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    color: [colour("--color-primary"), colour("--color-secondary"), colour("--color-warning"), colour("--color-accent")],
    grid: { left: 8, right: 8, top: data.series.length > 1 ? 32 : 12, bottom: 4, containLabel: true },
    legend: data.series.length > 1 ? { top: 0, textStyle: { color: ink } } : undefined,
    tooltip: { trigger: "axis", renderMode: "richText", confine: true },
    xAxis: { type: "category", data: data.labels, axisTick: { show: false }, axisLine: { lineStyle: { color: line } }, axisLabel: { color: ink } },
    yAxis: { type: "value", splitLine: { lineStyle: { color: line } }, axisLabel: { color: ink } },
    series: data.series.map((series) => ({
      name: series.name,
      type: series.kind ?? "bar",
      data: series.values,
      barMaxWidth: 18,
      showSymbol: false,
      itemStyle: { borderRadius: [3, 3, 0, 0] },
    })),
  };
}

function draw(box) {
  const data = JSON.parse(document.getElementById(box.dataset.chart).textContent);
  const chart = echarts.getInstanceByDom(box) ?? echarts.init(box, null, { renderer: "svg" });
  chart.setOption(options(data), true);
  new ResizeObserver(() => chart.resize()).observe(box);
}

function drawAll() {
  document.querySelectorAll("[data-chart]").forEach(draw);
}

drawAll();
document.addEventListener("careloop:theme", drawAll);
