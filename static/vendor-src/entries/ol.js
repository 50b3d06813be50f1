export { default as Feature } from "ol/Feature.js";
export { default as Map } from "ol/Map.js";
export { default as Overlay } from "ol/Overlay.js";
export { default as View } from "ol/View.js";
export { default as Attribution } from "ol/control/Attribution.js";
export { default as ScaleLine } from "ol/control/ScaleLine.js";
export { default as Zoom } from "ol/control/Zoom.js";
export { defaults as defaultControls } from "ol/control/defaults.js";
export * as condition from "ol/events/condition.js";
export * as extent from "ol/extent.js";
export { default as GeoJSON } from "ol/format/GeoJSON.js";
export { default as Circle } from "ol/geom/Circle.js";
export { default as LineString } from "ol/geom/LineString.js";
export { default as MultiPolygon } from "ol/geom/MultiPolygon.js";
export { default as Point } from "ol/geom/Point.js";
export { default as Polygon } from "ol/geom/Polygon.js";
export { default as Draw } from "ol/interaction/Draw.js";
export { default as Modify } from "ol/interaction/Modify.js";
export { default as Select } from "ol/interaction/Select.js";
export { default as Snap } from "ol/interaction/Snap.js";
export { defaults as defaultInteractions } from "ol/interaction/defaults.js";
export { default as TileLayer } from "ol/layer/Tile.js";
export { default as VectorLayer } from "ol/layer/Vector.js";
export { default as VectorImageLayer } from "ol/layer/VectorImage.js";
export { unByKey } from "ol/Observable.js";
export {
  addCoordinateTransforms,
  addProjection,
  fromLonLat,
  get as getProjection,
  toLonLat,
  transform,
  transformExtent,
} from "ol/proj.js";
export { default as Projection } from "ol/proj/Projection.js";
export { default as Cluster } from "ol/source/Cluster.js";
export { default as VectorSource } from "ol/source/Vector.js";
export { default as WMTS } from "ol/source/WMTS.js";
export { default as XYZ } from "ol/source/XYZ.js";
export { default as CircleStyle } from "ol/style/Circle.js";
export { default as Fill } from "ol/style/Fill.js";
export { default as Icon } from "ol/style/Icon.js";
export { default as RegularShape } from "ol/style/RegularShape.js";
export { default as Stroke } from "ol/style/Stroke.js";
export { default as Style } from "ol/style/Style.js";
export { default as Text } from "ol/style/Text.js";
export { default as WMTSTileGrid } from "ol/tilegrid/WMTS.js";
export { default as gcoord } from "gcoord";
